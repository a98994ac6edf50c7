"""Events of this host, kept across restarts."""
