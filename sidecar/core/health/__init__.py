"""Checks: rise and fall, what the routers believe of them, and the priority that follows."""
