"""Capabilities that the sidecar cannot work without, asked for before anything is touched."""

from dataclasses import dataclass
from typing import Final

from sidecar import privileges


@dataclass(frozen=True, slots=True)
class Capability:
    """One Linux capability: its number (capabilities(7)), and what we do with it."""

    name: str
    bit: int
    purpose: str


NET_ADMIN: Final = Capability("NET_ADMIN", 12, "adds and removes the VIP")
NET_RAW: Final = Capability("NET_RAW", 13, "sends and receives VRRP, ARP and ICMP")


def missing(needed: tuple[Capability, ...]) -> tuple[Capability, ...]:
    """Return those of the capabilities that this process does not have."""
    own = privileges.of()
    return tuple(capability for capability in needed if not own.may(capability.bit))


def how_to_grant(lacking: tuple[Capability, ...]) -> str:
    """Return the message about missing capabilities: which, what for, and how to grant them."""
    names = [capability.name for capability in lacking]
    return "\n".join(
        (
            *(f"missing capability {lack.name}: it {lack.purpose}" for lack in lacking),
            "grant it in docker-compose.yml:",
            f"    cap_add: [{', '.join(names)}]",
            "or with docker run:",
            f"    {' '.join(f'--cap-add {name}' for name in names)}",
            "A container user other than root gets no capability from either: run it as root.",
            "In a systemd unit:",
            f"    AmbientCapabilities={' '.join(f'CAP_{name}' for name in names)}",
            "At a prompt: as root.",
            "",
        )
    )
