"""Conditions on an HTTP answer, for checks and for the servers of pools."""

from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import StatusRanges, Text


class Expect(StrictModel):
    """Conditions on an HTTP answer."""

    status: StatusRanges = ((200, 399),)
    """Accepted status codes, as inclusive ranges."""
    body: Text | None = None
    """Text that the first 64 KiB of the body must contain."""
