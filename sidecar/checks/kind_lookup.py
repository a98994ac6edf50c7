"""Finds the probe of a kind of check: each has a module of its name in this folder.

Only the kinds that a configuration has are imported: TLS and the engine's library are large.
"""

from importlib import import_module

from sidecar.checks.probe import Builder


def builder(kind: str) -> Builder:
    """Return what makes the watch of a check of this kind. Raise ModuleNotFoundError if there is none."""
    build: Builder = import_module(f"sidecar.checks.kinds.{kind}").build
    return build
