"""Capabilities that the sidecar cannot work without, asked for before anything is touched."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Capability:
    """One Linux capability: its bit in CapEff (capabilities(7)), and what we do with it."""

    name: str
    bit: int
    purpose: str


NET_ADMIN: Final = Capability("NET_ADMIN", 12, "adds and removes the VIP")
NET_RAW: Final = Capability("NET_RAW", 13, "sends and receives VRRP, ARP and ICMP")


def effective(status: str) -> int:
    """Return the effective capabilities, as bits, from the text of /proc/PID/status."""
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return int(line.split()[1], 16)


def missing(needed: tuple[Capability, ...]) -> tuple[Capability, ...]:
    """Return those of the capabilities that this process does not have."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a lean process
        bits = effective(file.read())
    return tuple(capability for capability in needed if not bits >> capability.bit & 1)


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
            "",
        )
    )
