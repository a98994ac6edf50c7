"""DECIDE: pure and synchronous. No clock, socket, thread, randomness or logging in this folder."""
