"""The VIPs in the status document, and the machines that answer for them."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_interface

from sidecar.core.address import Address
from sidecar.core.state import State
from sidecar.core.wire.captured import Word
from sidecar.plan.rules import RouterRules, Rulebook
from sidecar.telemetry.lan.picture import LanPicture, Sender, WordHeard
from sidecar.telemetry.status_store import StatusStore, View
from sidecar.telemetry.vip_status import addresses, claims
from tests.unit.telemetry.handmade import VIP, Clock, router, snapshot

OWN, OTHER, THIRD = (f"02:00:00:77:00:{last}" for last in ("0b", "0c", "66"))
RULES = RouterRules("web", 100, True, 0.0, ())


def said(
    mac: str, last: float, word: Word = Word.CLAIMS, where: str = "eth0", of: Address = VIP.ip
) -> WordHeard:
    return WordHeard(where, word, of, mac, 990.0, last)


def view(status_store: StatusStore) -> View:
    made = status_store.view()
    assert made is not None
    return made


def test_the_others_are_told_by_their_mac_the_latest_first(status_store: StatusStore) -> None:
    status_store.lan = LanPicture(
        own=frozenset({OWN}),
        words=(
            said(THIRD, 993.0),
            said(OTHER, 999.5),
            said(OTHER, 999.9, Word.PROBES),
            said(OTHER, 999.9, where="eth1"),
            said(OTHER, 999.9, of=IPv4Address("10.77.0.200")),
            said(OWN, 999.9),
        ),
        senders=(Sender(IPv4Address("10.77.0.12"), OTHER, 999.0, 999.0),),
    )
    assert claims(router(), view(status_store)) == [
        {"address": "10.77.0.100", "mac": OTHER, "source": "10.77.0.12", "age_seconds": 0.5},
        {"address": "10.77.0.100", "mac": THIRD, "source": None, "age_seconds": 7.0},
    ]


def test_one_that_is_old_or_of_the_host_before_this_one_is_not_told(status_store: StatusStore) -> None:
    status_store.lan = LanPicture(words=(said(OTHER, 995.0),))
    before = router(since=994.0)
    assert claims(before, view(status_store)) == []
    backup = replace(before, state=State.BACKUP, owned=frozenset())
    assert [each["mac"] for each in claims(backup, view(status_store))] == [OTHER]
    status_store.lan = LanPicture(words=(said(OTHER, 984.9),))
    assert claims(backup, view(status_store)) == []


def test_this_host_answers_with_the_mac_of_its_interface_or_of_the_virtual_router(
    status_store: StatusStore, clock: Clock
) -> None:
    assert [each["mac"] for each in addresses(router(), view(status_store))] == [None]
    status_store.lan = LanPicture(macs={"eth0": OWN, "eth1": OTHER})
    assert [each["mac"] for each in addresses(router(), view(status_store))] == [OWN]
    status_store.rules = Rulebook((RULES,))
    assert [each["mac"] for each in addresses(router(), view(status_store))] == [OWN]
    status_store.rules = Rulebook((replace(RULES, mac="00:00:5e:00:01:33"),))
    assert [each["mac"] for each in addresses(router(), view(status_store))] == ["00:00:5e:00:01:33"]
    assert [each["mac"] for each in addresses(router(owned=frozenset()), view(status_store))] == [None]
    status_store.publish(snapshot())
    clock.now += 1.1
    assert addresses(router(), view(status_store)) == [
        {"address": "10.77.0.100/32", "desired": True, "owned": False, "mac": None}
    ]


def test_a_vip_that_no_advert_has_room_for_says_so(status_store: StatusStore) -> None:
    other = ip_interface("10.77.0.101/32")
    shown = addresses(replace(router(vips=(VIP, other)), unadvertised=frozenset({other})), view(status_store))
    assert [(each["address"], each.get("advertised", True)) for each in shown] == [
        ("10.77.0.100/32", True),
        ("10.77.0.101/32", False),
    ]
