"""The dns check: messages of RFC 1035."""
