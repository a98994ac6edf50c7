"""Settings of a keepalived beside us while one host has moved and the other has not: `--check-peer`."""

from collections.abc import Iterator

from sidecar.migrate.entries import Entries, Entry
from sidecar.migrate.transport import V2

_INTERVAL = "1s"


def peer_lines(entries: Entries) -> Iterator[str]:
    """Yield what each virtual router asks of its peer, and what to leave until both hosts have moved."""
    for name, entry in entries.routers.items():
        yield f"{name}: VRID {_said(entry, 'vrid')}, {_version(entry)}"
        for line in (_interval(entry), _auth(entry), _checksum(entry), _transport(entry), _list(entry)):
            if line:
                yield f"  {line}"
    yield "until both hosts have moved: no `hosts: 2`, no other address list, no other version or interval"


def _said(entry: Entry, key: str, otherwise: object = "") -> object:
    return entry.values[key].value if key in entry.values else otherwise


def _family(entry: Entry) -> int:
    addresses = _said(entry, "addresses")
    return 6 if isinstance(addresses, tuple) and ":" in str(addresses[0]) else 4


def _version(entry: Entry) -> str:
    if _family(entry) == 6:  # noqa: PLR2004
        return "version 3: any keepalived, as it is"
    if _said(entry, "version", 3) == V2:
        return "version 2: any keepalived, without `vrrp_version 3`; ours needs `version: 2`, which is there"
    return "version 3: keepalived with `vrrp_version 3` or `version 3`"


def _interval(entry: Entry) -> str:
    interval = _said(entry, "advert_interval", _INTERVAL)
    if _said(entry, "version", 3) == V2:
        return f"interval {interval} on both, or each refuses the other's adverts"
    return f"interval {interval}; the backup learns that of the master"


def _auth(entry: Entry) -> str:
    if "auth.pass" in entry.values:
        return "auth_type PASS with the same password, of which 8 characters count"
    if "auth.hmac" in entry.values:
        mode = _said(entry, "auth.mode", "enforce")
        return (
            f"auth_hmac with the same key ids and keys, keepalived 2.4.2 or later (2.4.0 and 2.4.1 "
            f"sign otherwise), "
            f"mode {mode}; clocks within the window"
        )
    return "no authentication"


def _checksum(entry: Entry) -> str:
    if _family(entry) != 4 or _said(entry, "version", 3) == V2:  # noqa: PLR2004
        return ""
    if _said(entry, "v4_pseudo_header", True) is False:
        return "checksum without the pseudo-header: `v3_checksum_as_v2`, keepalived 2.3 or later"
    return "checksum with the pseudo-header: keepalived's own, without `v3_checksum_as_v2`"


def _transport(entry: Entry) -> str:
    if "unicast.peers" not in entry.values:
        group = "ff02::12" if _family(entry) == 6 else "224.0.0.18"  # noqa: PLR2004
        return f"multicast to {group}: no unicast_peer"
    least = _said(entry, "unicast.min_ttl", 255)
    ttl = f"; adverts arrive with a TTL of {least} or more" if least != 255 else ""  # noqa: PLR2004
    return f"unicast with unicast_src_ip and unicast_peer on both{ttl}"


def _list(entry: Entry) -> str:
    addresses = _said(entry, "addresses")
    listed = ", ".join(map(str, addresses)) if isinstance(addresses, tuple) else ""
    return f"the same addresses, {listed}: keepalived up to 2.3.2 refuses another list"
