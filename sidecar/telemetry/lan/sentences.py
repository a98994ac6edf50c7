"""The sentences about what was overheard: who it is, with its MAC address, and what mends it. Pure."""

from sidecar.core.address import Address, Vip
from sidecar.core.snapshot import RouterSnapshot
from sidecar.setting_name import setting_name
from sidecar.telemetry.lan.picture import AdvertsHeard

_PASSES = {
    4: "`ip protocol 112 accept` before it (iptables: `iptables -I INPUT -p 112 -j ACCEPT`)",
    6: "`meta l4proto 112 accept` before it (ip6tables: `ip6tables -I INPUT -p 112 -j ACCEPT`)",
}
_IPV4 = 4
_NAMED = 4
"""Addresses that a sentence names."""


def held_here_too(router: RouterSnapshot, heard: AdvertsHeard) -> str:
    """Say that another host advertises a VIP of this MASTER, and why neither of them yields."""
    return (
        f"{_shared(router, heard)} {_is(router, heard)} held by two hosts: this one and {_who(heard)}, which "
        f"advertises with priority {heard.advert.priority}; {_why(router, heard)}"
    )


def _why(router: RouterSnapshot, heard: AdvertsHeard) -> str:
    refused = next((each for each in router.mismatches if each.source == heard.source), None)
    if refused is not None:
        return f"{refused.detail}: {refused.remedy}"
    if router.masters_observed > 1:
        return (
            "it does not hear this host: see what drops IP protocol 112 on the way there, its own packet "
            "filter first"
        )
    device = router.device or router.interface
    # IPv6 has no rp_filter.
    otherwise = (
        "; where no rule does, rp_filter may, with two cards in one network: "
        f"`sysctl -w {setting_name(device, 'rp_filter')}=2`"
        if router.family == _IPV4
        else ""
    )
    return (
        f"its adverts come to {device} and do not pass the packet filter of this host: `nft list ruleset` "
        f"shows the rule, and {_PASSES[router.family]} lets them pass{otherwise}"
    )


def held_by_two_others(router: RouterSnapshot, one: AdvertsHeard, other: AdvertsHeard) -> str:
    """Say that two other hosts advertise the same VIP."""
    return (
        f"{_shared(router, one)} {_is(router, one)} held by two hosts: {_who(one)} with priority "
        f"{one.advert.priority} and {_who(other)} with priority {other.advert.priority}; see that they have "
        "one VRID, version and interval, and that IP protocol 112 passes between them in both directions"
    )


def held_by_unheard(router: RouterSnapshot, vip: Vip, source: Address, mac: str) -> str:
    """Say that a host which advertised before still answers for a VIP of this MASTER."""
    return (
        f"{vip.ip} is held by two hosts: this one and {source} ({mac}), which answers for it although none "
        f"of its adverts comes to {router.device or router.interface}: see what drops IP protocol 112 on its "
        "way here, the packet filter of that host first"
    )


def answered(router: RouterSnapshot, vip: Vip, mac: str) -> str:
    """Say that an unknown machine answers for a VIP."""
    device = router.device or router.interface
    return (
        f"another machine answers for {vip.ip}: {mac} on {device}, which was not heard to advertise it; "
        f"find it (`arping -I {device} {vip.ip}`, the switch's table of MAC addresses) and take the "
        "address off it; if it is the other host of this pair, see what drops IP protocol 112 on its way here"
    )


def other_speaker(router: RouterSnapshot, heard: AdvertsHeard) -> str:
    """Say that another program of this host advertises."""
    addresses = ", ".join(map(str, heard.advert.addresses[:_NAMED]))
    return (
        f"another program on this host advertises {router.name}, too: adverts from {heard.source} leave "
        f"{router.device or router.interface} with VRID {heard.advert.vrid}, priority "
        f"{heard.advert.priority} and {addresses}; stop it, such as `systemctl disable --now keepalived`"
    )


def two_speakers(router: RouterSnapshot, one: AdvertsHeard, other: AdvertsHeard) -> str:
    """Say that another host advertises twice."""
    return (
        f"{_who(one)} advertises {router.name} twice, with priorities {one.advert.priority} and "
        f"{other.advert.priority}: two VRRP programs run there; stop one of them, such as "
        "`systemctl disable --now keepalived`"
    )


def silent(router: RouterSnapshot, source: Address, mac: str | None, since: str) -> str:
    """Say that the master from which this host took over has been silent since."""
    return (
        f"nothing heard of {source} ({mac or 'MAC address not known'}) since {since}, from which this host "
        f"took over {router.name}: see whether it is up; if it is, it may serve, too, and nothing of it "
        "arrives here: look at the cable, the switch and the packet filters between the hosts"
    )


def _who(heard: AdvertsHeard) -> str:
    return f"{heard.source} ({heard.mac})"


def _shared(router: RouterSnapshot, heard: AdvertsHeard) -> str:
    shared = [str(vip.ip) for vip in router.vips if vip.ip in heard.advert.addresses]
    more = f" and {len(shared) - _NAMED} more" if len(shared) > _NAMED else ""
    return ", ".join(shared[:_NAMED]) + more


def _is(router: RouterSnapshot, heard: AdvertsHeard) -> str:
    return "is" if sum(vip.ip in heard.advert.addresses for vip in router.vips) == 1 else "are"
