"""`fleet`: many pairs at once, from the targets that Prometheus reads."""
