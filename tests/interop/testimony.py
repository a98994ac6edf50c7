"""Whether all that the sidecar of a pair sent is right, in the opinion of tshark and of scapy."""

from tests.interop import by_scapy, by_tshark
from tests.interop.pair import Pair
from tests.interop.said import Advert, Arp, Neighbour, Opinion, Said
from tests.netns.lan import address, link_local
from tests.netns.vrrp_daemon import Setup

_GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
_CUT = 8
"""Characters of a password that version 2 can carry."""


def examine(pair: Pair) -> list[str]:
    """Faults of the frames of the sidecar's host. Those of its kernel are among them."""
    frames = pair.recording.sent_by(pair.ours)
    tshark = by_tshark.opinion(frames, pseudo_header=pair.setup.pseudo_header)
    scapy = by_scapy.opinion(frames, pseudo_header=pair.setup.pseudo_header)
    found = [*_complaints("tshark", tshark), *_complaints("scapy", scapy)]
    if tshark.frames != scapy.frames:
        pairs = zip(tshark.frames, scapy.frames, strict=True)
        found.append(f"they differ: {next(pair for pair in pairs if pair[0] != pair[1])}")
    return found + _wrong(tshark.frames, pair)


def _complaints(who: str, opinion: Opinion) -> list[str]:
    return [f"{who}: {text}" for text in opinion.complaints]


def _wrong(frames: tuple[Said | None, ...], pair: Pair) -> list[str]:
    host, setup = pair.hosts[pair.ours], pair.setup
    expected = [advert(setup, pair.ours, pair.lan.mac(pair.ours), n) for n in (host.priority, 0)]
    sent = [said for said in frames if isinstance(said, Advert)]
    announced = [said for said in frames if isinstance(said, Arp | Neighbour) and said.announces]
    found = [f"not ours: {said}" for said in sent if said not in expected]
    found += ["no advert was sent"] if expected[0] not in sent else []
    wanted = announcements(setup, pair.lan.mac(pair.ours))
    found += [f"not announced: {each}" for each in wanted if each not in announced]
    return found + [f"a wrong announcement: {each}" for each in announced if each not in wanted]


def advert(setup: Setup, host: str, mac: str, priority: int) -> Advert:
    """The advert that a host must send."""
    if setup.unicast:
        source, destination = setup.ends(host)
    else:
        source = address(host) if setup.family == 4 else link_local(host)
        destination = _GROUPS[setup.family]
    vips = tuple(vip.partition("/")[0] for vip in setup.vips(host))
    cs = round(setup.interval * 100)
    password = setup.password[:_CUT]
    return Advert(mac, source, destination, 255, setup.version, setup.vrid, priority, cs, vips, password)


def announcements(setup: Setup, mac: str) -> list[Said]:
    """The announcement of a new master: ARP request and reply, or a neighbour advertisement."""
    vip = setup.vip
    if setup.family == 6:
        return [Neighbour(mac, vip, "ff02::1", 255, vip, override=True)]
    return [Arp(mac, operation, vip, vip) for operation in (1, 2)]
