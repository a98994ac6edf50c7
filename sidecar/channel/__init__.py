"""Typed, bounded messages between the processes of one sidecar: bytes, sockets and what may be said."""
