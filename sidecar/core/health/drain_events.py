"""Wishes of an operator for a drain (drain.py), as every process tells them.

Apart from what they do: the configuration child finds a drain and loads nothing of the core for it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrainAsked:
    """Keep the VIPs away until then, seconds of the core's clock; infinity: until UndrainAsked.

    `why` is a sentence for people. It takes the place of a drain that is under way.
    """

    until: float
    why: str


@dataclass(frozen=True, slots=True)
class UndrainAsked:
    """Contend as usual."""
