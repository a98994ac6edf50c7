"""The state from which a node goes on after an exchange: its routers, and how they are judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.core.judgement import Judgement
from sidecar.core.router.router_state import RouterState


@dataclass(frozen=True, slots=True)
class Past:
    """The states by the names of the routers. Both become those of the node that goes on from them."""

    states: Mapping[str, RouterState]
    judgement: Judgement
