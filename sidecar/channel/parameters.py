"""The parameters of the core as bytes: what the configuration child hands to the router."""

from math import inf
from typing import Final

from sidecar.channel.codec import Codec, Table
from sidecar.channel.limits import Most, Range
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.hook import HookParams
from sidecar.core.params import PAIR, HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.priorities import OWNER
from sidecar.core.wire.constants import V2, V3
from sidecar.core.wire.hmac_key import HmacKey

CHECKS: Final = Most(4096)
ROUTERS: Final = Most(4096)
VIPS: Final = Most(255)
SECONDS: Final = Range(0.0, inf)

BOUNDS: Final[Table] = {
    (Unicast, "peers"): VIPS,
    (Unicast, "min_ttl"): Range(1, 255),
    (HmacKey, "id"): Range(1, 255),
    (HmacKey, "secret"): Most(64),
    (HmacParams, "keys"): Most(255),
    (HmacParams, "window"): SECONDS,
    (DampingParams, "free"): Range(0, 2**31 - 1),
    (DampingParams, "hold"): SECONDS,
    (DampingParams, "most"): SECONDS,
    (DampingParams, "forget"): SECONDS,
    (RouterParams, "vrid"): Range(1, 255),
    (RouterParams, "priority"): Range(1, OWNER),
    (RouterParams, "addresses"): VIPS,
    (RouterParams, "interval_cs"): Range(1, 25500),
    (RouterParams, "version"): Range(V2, V3),
    (RouterParams, "preempt_delay"): SECONDS,
    (RouterParams, "startup_delay"): SECONDS,
    (RouterParams, "checks"): CHECKS,
    (RouterParams, "weights"): (CHECKS, Range(-OWNER, OWNER)),
    (RouterParams, "hosts"): Range(PAIR, PAIR),
    (HookParams, "timeout"): SECONDS,
    (CheckParams, "rise"): Range(1, 2**31 - 1),
    (CheckParams, "fall"): Range(1, 2**31 - 1),
    (CheckParams, "weight"): Range(-OWNER, OWNER),
    (CheckParams, "max_age"): SECONDS,
    (NodeParams, "routers"): ROUTERS,
    (NodeParams, "checks"): CHECKS,
    (NodeParams, "sync_groups"): (ROUTERS, ROUTERS),
}

NODE_PARAMS: Final[Codec[NodeParams]] = Codec(NodeParams, BOUNDS)
