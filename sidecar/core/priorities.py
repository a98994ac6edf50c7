"""Priorities that mean something by themselves."""

from typing import Final

OWNER: Final = 255
"""Priority of the address owner, whose priority never changes (RFC 9568 section 5.2.4)."""

UNFIT_PRIORITY: Final = 1
"""Effective priority of a node that is unfit by its checks: it still serves if nobody else does."""

LOWEST_FIT: Final = UNFIT_PRIORITY + 1

HIGHEST_FIT: Final = OWNER - 1
"""Weights move the priority within these: neither below a sick node nor up to an address owner."""
