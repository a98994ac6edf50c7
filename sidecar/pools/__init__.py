"""Keeps upstreams of nginx to the servers that pass. Decided in the core; probed, written and proven here."""
