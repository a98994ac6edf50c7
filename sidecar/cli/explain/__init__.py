"""`explain`: why this host does what it does."""
