"""Hosts that sign and verify, each with a core clock and a wall clock of its own."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

from hypothesis import strategies as st

from sidecar.core.address import Address
from sidecar.core.params import AuthMode, HmacParams
from sidecar.core.router.auth import Authenticator
from sidecar.core.wire.advert import Advert, Drop, message
from sidecar.core.wire.hmac_key import HmacKey

EPOCH = 1_790_000_000.0
"""The true time at 0 s of a test."""
WINDOW = 5.0
DAY = 86400.0
KEY = HmacKey(1, bytes(range(32)))
NEW_KEY = HmacKey(2, b"n" * 64)
VIP = IPv4Address("192.0.2.100")
HEARD: set[Drop | None] = {None}
"""Outcome of adverts that were all accepted."""

wall_errors = st.one_of(
    st.floats(-WINDOW / 4, WINDOW / 4), st.floats(2 * WINDOW, 1e9), st.floats(-1e9, -2 * WINDOW)
)
"""Seconds that a wall clock is ahead: by little that is followed, or by much that is not."""


def params(*keys: HmacKey, mode: AuthMode = AuthMode.ENFORCE, window: float = WINDOW) -> HmacParams:
    """Parameters with key 1 unless told otherwise."""
    return HmacParams(keys or (KEY,), mode, window)


def body(priority: int = 200) -> bytes:
    """An advertisement of virtual router 51, without trailer."""
    return message(Advert(51, priority, 100, (VIP,)))


def spoilt(trailer: bytes) -> bytes:
    """A trailer with a wrong HMAC."""
    return trailer[:-1] + bytes((trailer[-1] ^ 1,))


@dataclass(slots=True)
class Host:
    """Times are true seconds since the start of the test. `wrong`: seconds that its wall clock is ahead."""

    number: int
    wrong: float = 0.0
    params: HmacParams = field(default_factory=params)
    epoch: float = EPOCH
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def source(self) -> Address:
        """Address that it sends from."""
        return ip_address(f"198.51.100.{self.number}")

    def core(self, at: float) -> float:
        """The time of the core's clock; every host has been up for another time."""
        return at + 1000.0 * self.number

    def restart(self, new: HmacParams | None = None) -> None:
        """A new process: it knows its wall clock and nothing else."""
        self.params = new or self.params
        self.auth = Authenticator(self.params, 51, 3)
        self.set_wall(self.wrong)

    def set_wall(self, wrong: float) -> None:
        """Somebody sets the wall clock."""
        self.wrong = wrong
        self.auth.set_clock(self.epoch + wrong - self.core(0.0))

    def say(self, at: float, priority: int = 200) -> tuple[bytes, bytes, Address]:
        """An advertisement as it goes on the wire: message, trailer, sender."""
        return body(priority), self.auth.sign(body(priority), self.source, self.core(at)), self.source

    def hear(self, said: tuple[bytes, bytes, Address], at: float) -> Drop | None:
        """Whether what was said is refused."""
        return self.auth.verify(*said, self.core(at))


def talk(sender: Host, receiver: Host, *, start: float, end: float) -> list[Drop | None]:
    """One advertisement in each second from `start` until `end`: what the receiver made of them."""
    return [receiver.hear(sender.say(float(at)), float(at)) for at in range(int(start), int(end))]
