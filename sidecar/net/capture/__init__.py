"""What is overheard on an interface before any packet filter: for diagnosis alone."""
