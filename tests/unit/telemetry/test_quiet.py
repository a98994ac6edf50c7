"""A flood of troubles, and what of it becomes a log line."""

from ipaddress import IPv4Address

from sidecar.core.actions import Warned
from sidecar.telemetry.quiet import QUIET, QUIET_SOURCE, SOURCES, Quiet


def addresses(last: int, router: str = "web") -> Warned:
    source = IPv4Address("10.77.0.0") + last
    return Warned(router, "vrrp", "addresses", f"{source} advertises other addresses", source)


def test_a_trouble_is_told_again_after_ten_seconds_with_the_number_of_the_others() -> None:
    quiet, refused = Quiet(), Warned("web", "vrrp", "send_failed", "ENETDOWN")
    said = [quiet.suppressed(refused, now) for now in (0.0, 1.0, QUIET - 0.1, QUIET)]
    assert said == [0, None, None, 2]


def test_each_sender_has_a_line_a_minute_of_its_own() -> None:
    quiet = Quiet()
    for now in range(120):
        said = [quiet.suppressed(addresses(last), float(now)) for last in (1, 2)]
        assert said == {0: [0, 0], 60: [59, 59]}.get(now, [None, None])


def test_other_routers_are_another_matter() -> None:
    quiet = Quiet()
    assert quiet.suppressed(addresses(1), 0.0) == quiet.suppressed(addresses(1, "db"), 0.0) == 0


def test_forged_senders_fill_neither_the_log_nor_the_memory() -> None:
    quiet, lines = Quiet(), 0
    for number in range(60_000):
        now = number / 1000
        lines += quiet.suppressed(addresses(number % 5000), now) is not None
    assert lines == SOURCES
    assert len(quiet._troubles["vrrp", "addresses", "web"]) == SOURCES
    assert quiet.suppressed(addresses(9999), QUIET_SOURCE + 1) == 0
