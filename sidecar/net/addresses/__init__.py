"""The VIPs as addresses of the host: taken, renewed, removed, found."""
