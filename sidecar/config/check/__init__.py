"""A model for each kind of check, in a module of its name: its keys, its rules, and its plain form.

`kinds.py` finds them by the kinds of `sidecar.plan.check`. Everything else about a kind its model
says itself: that it needs the Docker engine, and the message where a check of another kind has its keys.
"""
