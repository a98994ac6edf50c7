"""Hooks of the virtual routers: run in order, one at a time for each router, for the observer."""
