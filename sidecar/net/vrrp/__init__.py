"""VRRP packets and announcements: sockets, filters, bounded reads."""
