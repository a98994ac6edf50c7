"""The observer's plan as bytes: from the configuration child, through the router, to the observer."""

from typing import Final

from sidecar.channel.codec import Codec
from sidecar.channel.limits import Most
from sidecar.plan.plan import ObserverPlan

OBSERVER_PLAN: Final[Codec[ObserverPlan]] = Codec(
    # As long as what people write into a file; the whole is bounded where it is read.
    ObserverPlan,
    text=Most(1024 * 1024),
    elements=Most(64 * 1024),
)
