"""Readers of evidence. Each returns it, or the reason why it could not be seen; none changes the host."""
