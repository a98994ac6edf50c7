"""Reports of the core are counted, or sent one by one; never a message for each packet."""

from ipaddress import IPv4Address

from sidecar.channel.down import DOWN, Noted, Totals
from sidecar.channel.send_queue import Importance
from sidecar.core.actions import (
    AdvertAccepted,
    Announce,
    PacketDropped,
    SendAdvert,
    TakeoverTimed,
    TimerFired,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.health.reports import CheckChanged
from sidecar.core.state import Reason, State
from sidecar.core.wire.advert import Drop
from sidecar.router.reporter import RouterReporter
from sidecar.router.tallies import Tallies
from tests.fuzz.channel_decoders import REPORTS, VIP

PEER = IPv4Address("10.77.0.12")


class Desk:
    def __init__(self) -> None:
        self.tallies = Tallies()
        self.told: list[Noted] = []
        self.reporter = RouterReporter(self.tallies, self._tell)

    def _tell(self, noted: Noted, importance: Importance) -> None:
        assert importance is Importance.LOUD
        self.told.append(DOWN.decode(DOWN.encode(noted)))  # type: ignore[arg-type]

    def counts(self) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        for totals in self.tallies.untold():
            assert DOWN.decode(DOWN.encode(totals)) == Totals(totals.counters, totals.histograms)
            found |= {(each.name, *each.labels): each.value for each in totals.counters}
            found |= {(each.name, *each.labels): sum(each.buckets) for each in totals.histograms}
        return found


def test_what_changes_a_state_is_known() -> None:
    desk = Desk()
    for report in (
        Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, "silence"),
        TakeoverTimed("web", "total", 0.012),
        CheckChanged("http", "http", up=False, detail="refused"),
    ):
        assert desk.reporter.note(1.0, [AdvertAccepted("web", PEER, 240, gap=1.0), report])
    assert not desk.reporter.note(
        1.0, [TimerFired("web", "advert", 0.0), PacketDropped("web", "eth0", PEER, Drop.TTL)]
    )


def test_traffic_is_counted_and_none_of_it_is_told() -> None:
    desk = Desk()
    for _ in range(1000):
        desk.reporter.note(
            1.0,
            [
                AdvertAccepted("web", PEER, 240, gap=1.0),
                AdvertAccepted("web", PEER, 0, gap=None),
                PacketDropped("web", "eth0", PEER, Drop.TTL),
                PacketDropped(None, "eth0", PEER, Drop.VRID),
                TimerFired("web", "advert", -0.1),
                TakeoverTimed("web", "total", 0.012),
            ],
        )
    desk.reporter.unread("eth0", Drop.FLOOD, 40_000)
    assert desk.told == []
    assert desk.counts() == {
        ("vrrp_adverts_received_total", "web"): 1000,
        ("vrrp_priority_zero_received_total", "web"): 1000,
        ("vrrp_advert_interarrival_seconds", "web"): 1000,
        ("vrrp_adverts_dropped_total", "web", "ttl"): 1000,
        ("vrrp_adverts_dropped_total", "", "vrid"): 1000,
        ("vrrp_adverts_dropped_total", "", "flood"): 40_000,
        ("timer_lateness_seconds", "advert"): 1000,
        ("takeover_duration_seconds", "web", "total"): 1000,
    }


def test_commands_count_when_they_were_performed_and_not_before() -> None:
    desk = Desk()
    packets = ((PEER, b""), (IPv4Address("10.77.0.13"), b""))
    advert = SendAdvert("web", "eth0", IPv4Address("10.77.0.11"), packets, 250, 2.0)
    resignation = SendAdvert("web", "eth0", IPv4Address("10.77.0.11"), packets[:1], 0, 2.0)
    announce = Announce("web", "eth0", (b"request", b"reply"), 2.0)
    desk.reporter.note(1.0, [advert, resignation, announce])
    assert desk.counts() == {}
    for command in (advert, resignation, announce):
        desk.reporter.performed(command)
    assert desk.counts() == {
        ("vrrp_adverts_sent_total", "web"): 2,
        ("vrrp_priority_zero_sent_total", "web"): 1,
        ("announcements_sent_total", "web", "arp"): 2,
    }


def test_what_people_read_a_line_about_is_told_with_its_time_and_counted() -> None:
    desk = Desk()
    transition = Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, "silence")
    changed = VipChanged("web", "removed", (VIP, VIP))
    desk.reporter.note(7.5, [transition, changed, CheckChanged("http", "http", up=False, detail="refused")])
    assert [(noted.at, type(noted.report)) for noted in desk.told] == [
        (7.5, Transition),
        (7.5, VipChanged),
        (7.5, CheckChanged),
    ]
    assert desk.told[0].report == transition
    assert desk.counts() == {
        ("vrrp_transitions_total", "web", "BACKUP", "MASTER", "master_down_timer"): 1,
        ("vip_external_changes_total", "web", "removed"): 2,
    }


def test_every_report_can_be_told() -> None:
    desk = Desk()
    desk.reporter.note(1.0, REPORTS)
    assert [noted.report for noted in desk.told] == list(REPORTS)


def test_trouble_counts_every_time_and_is_told_once_in_a_while() -> None:
    desk = Desk()
    for now in range(25):
        desk.reporter.note(float(now), [Warned("web", "vrrp", "send_failed", "ENETDOWN")])
        desk.reporter.trouble(float(now), "netlink", "dump", "interrupted")
    assert [(noted.at, noted.suppressed) for noted in desk.told] == [
        *((0.0, 0), (0.0, 0)),
        *((10.0, 9), (10.0, 9)),
        *((20.0, 9), (20.0, 9)),
    ]
    assert desk.counts() == {
        ("errors_total", "vrrp", "send_failed"): 25,
        ("errors_total", "netlink", "dump"): 25,
    }
