"""The findings of a dissector about a frame, in the words that all dissectors of these tests share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advert:
    """A VRRP advertisement. Addresses are text; `interval_cs` is centiseconds, also in version 2."""

    mac: str
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval_cs: int
    addresses: tuple[str, ...]
    password: str = ""


@dataclass(frozen=True, slots=True)
class Arp:
    """An ARP message, gratuitous if it is about its sender's own address."""

    mac: str
    operation: int
    sender: str
    target: str

    @property
    def announces(self) -> bool:
        """Whether it tells everybody who has an address."""
        return self.sender == self.target


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbour advertisement: `address` is at `mac`, which an answer to one neighbour may leave out."""

    mac: str
    source: str
    destination: str
    ttl: int
    address: str
    override: bool

    @property
    def announces(self) -> bool:
        """Whether it tells everybody who has an address."""
        return self.destination == "ff02::1"


Said = Advert | Arp | Neighbour


@dataclass(frozen=True, slots=True)
class Opinion:
    """All that a dissector says about a recording: its complaints, and each frame in its words."""

    complaints: tuple[str, ...]
    frames: tuple[Said | None, ...]
    """None: not understood, which is a complaint too."""
