"""The histograms that the router fills: upper bounds of their buckets in seconds, by name of the metric."""

from collections.abc import Mapping
from typing import Final

INTERARRIVAL: Final = (
    *(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.1, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0),
)
LATENESS: Final = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TAKEOVER: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)

BUCKETS: Final[Mapping[str, tuple[float, ...]]] = {
    "vrrp_advert_interarrival_seconds": INTERARRIVAL,
    "timer_lateness_seconds": LATENESS,
    "takeover_duration_seconds": TAKEOVER,
}
