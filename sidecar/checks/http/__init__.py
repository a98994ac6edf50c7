"""The http check: HTTP/1.1 responses and certificates."""
