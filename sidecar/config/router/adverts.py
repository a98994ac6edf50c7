"""How the adverts of a virtual router travel: version, interval, from where and to whom, how signed."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, Path
from sidecar.config.router.auth import Auth
from sidecar.config.router.unicast import Unicast
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.host_kind import unusable
from sidecar.config.values.scalars import Flag, HostAddress, Seconds, whole
from sidecar.core.wire.advert import PASSWORD_SIZE
from sidecar.core.wire.constants import V2

_MAX_CENTISECONDS: Final = 4095
_MAX_SECONDS: Final = 255
_FLOAT_SLACK: Final = 1e-6
_IPV6: Final = 6


def hosts(path: Path, model: "Adverts") -> list[tuple[Path, HostAddress]]:
    """The addresses of hosts in the entry of a router, ours and the peers'."""
    source, unicast = model.source, model.unicast
    found: list[tuple[Path, HostAddress]] = [] if source is None else [((*path, "source"), source)]
    if unicast is not None:
        found += [((*path, "unicast", "source"), each) for each in (unicast.source,) if each is not None]
        found += [((*path, "unicast", "peers", i), peer) for i, peer in enumerate(unicast.peers)]
    return found


@rule("advert_interval", "version")
def interval_range(entry: Entry["Adverts"]) -> Iterator[Finding]:
    """On the wire are 12 bits of centiseconds (RFC 9568 section 5.2.7) or 8 of seconds (RFC 3768, 5.3.7)."""
    seconds = entry.model.advert_interval
    if entry.model.version == V2:
        valid = 1 <= round(seconds) <= _MAX_SECONDS and abs(seconds - round(seconds)) <= _FLOAT_SLACK
        message = "version 2 can say whole seconds from 1s to 255s; write one of these, or use version 3"
    else:
        step = round(seconds * 100)
        valid = 1 <= step <= _MAX_CENTISECONDS and abs(seconds * 100 - step) <= _FLOAT_SLACK
        message = "the packet can say 10ms to 40.95s in steps of 10ms; write one of these, such as 100ms"
    if not valid:
        yield Finding((*entry.path, "advert_interval"), "advert-interval", message)


@rule("source", "unicast")
def host_kind(entry: Entry["Adverts"]) -> Iterator[Finding]:
    """Adverts can be sent to and from the addresses of hosts only."""
    for path, address in hosts(entry.path, entry.model):
        why = unusable(address)
        if why:
            yield Finding(path, f"{path[2]}-kind", f"{address} is {why}; write the address of a host")


@rule("source")
def multicast_source(entry: Entry["Adverts"]) -> Iterator[Finding]:
    """IPv6 adverts to the group come from a link-local address (RFC 9568 section 5.1.2.1)."""
    source = entry.model.source
    if source is not None and source.version == _IPV6 and not source.is_link_local and not unusable(source):
        message = (
            f"{source} is not link-local, as it must be for IPv6 multicast; write the interface's fe80:: one"
        )
        yield Finding((*entry.path, "source"), "source-kind", message)


@rule("source", "unicast")
def one_source(entry: Entry["Adverts"]) -> Iterator[Finding]:
    """Adverts are sent from one address."""
    if entry.model.source is not None and entry.model.unicast is not None:
        message = "is for multicast, and this router has `unicast`; write it there, or remove one of them"
        yield Finding((*entry.path, "source"), "source-twice", message, at_key=True)


@rule("auth", "version")
def password_of_version_2(entry: Entry["Adverts"]) -> Iterator[Finding]:
    """Version 3 has no passwords (RFC 9568 section 9), and those of version 2 are sent in clear."""
    auth, path = entry.model.auth, (*entry.path, "auth", "pass")
    if auth is None or auth.password is None:
        return
    if entry.model.version != V2:
        message = (
            "version 3 has no passwords; use `hmac`, or remove `auth`, or write `version: 2` as the peer has"
        )
        yield Finding(path, "auth-version", message, at_key=True)
        return
    message = (
        "protects nothing: everybody on the LAN can read it in every advert; use `hmac` when all peers can"
    )
    yield warning(path, "auth-pass", message)
    if len(auth.password.get_secret_value()) > PASSWORD_SIZE:
        message = f"only the first {PASSWORD_SIZE} bytes of it count, as in keepalived; shorten it"
        yield warning(path, "auth-pass-long", message)


class Adverts(StrictModel):
    """How adverts travel."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        interval_range,
        host_kind,
        multicast_source,
        one_source,
        password_of_version_2,
    )

    advert_interval: Seconds = 1.0
    """Time between adverts, 10ms to 40.95s in steps of 10ms; version 2: whole seconds, 1s to 255s."""
    version: Annotated[Literal[2, 3], BeforeValidator(whole)] = 3
    """VRRP version: 3 (RFC 9568) or, for IPv4 alone, 2 (RFC 3768)."""
    source: HostAddress | None = None
    """Address to multicast from; absent: the interface's first, for IPv6 its first link-local one."""
    unicast: Unicast | None = None
    """Absent: multicast."""
    auth: Auth | None = None
    """Absent: adverts are not authenticated."""
    v4_pseudo_header: Flag = True
    """IPv4 checksum of version 3 with the pseudo-header, as keepalived and FRR do; false: as RFC 9568."""
