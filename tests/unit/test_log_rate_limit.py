"""A flood of troubles, and what of it becomes a log line."""

from ipaddress import IPv4Address

from sidecar.core.actions import Warned
from sidecar.log_rate_limit import QUIET, QUIET_SOURCE, SOURCES, LogRateLimit


def addresses(last: int, router: str = "web") -> Warned:
    source = IPv4Address("10.77.0.0") + last
    return Warned(router, "vrrp", "addresses", f"{source} advertises other addresses", source)


def test_a_trouble_is_told_again_after_ten_seconds_with_the_number_of_the_others() -> None:
    limit, refused = LogRateLimit(), Warned("web", "vrrp", "send_failed", "ENETDOWN")
    said = [limit.suppressed(refused, now) for now in (0.0, 1.0, QUIET - 0.1, QUIET)]
    assert said == [0, None, None, 2]


def test_each_sender_has_a_line_a_minute_of_its_own() -> None:
    limit = LogRateLimit()
    for now in range(120):
        said = [limit.suppressed(addresses(last), float(now)) for last in (1, 2)]
        assert said == {0: [0, 0], 60: [59, 59]}.get(now, [None, None])


def test_other_routers_are_another_matter() -> None:
    limit = LogRateLimit()
    assert limit.suppressed(addresses(1), 0.0) == limit.suppressed(addresses(1, "db"), 0.0) == 0


def test_nothing_is_remembered_of_routers_that_are_gone() -> None:
    limit = LogRateLimit()
    for router in ("web", "db", None):
        limit.suppressed(Warned(router, "vrrp", "send_failed", "ENETDOWN"), 0.0)
    limit.keep(["web"])
    again = [
        limit.suppressed(Warned(router, "vrrp", "send_failed", "ENETDOWN"), 1.0)
        for router in ("web", "db", None)
    ]
    assert again == [None, 0, None]


def test_forged_senders_fill_neither_the_log_nor_the_memory() -> None:
    limit, lines = LogRateLimit(), 0
    for number in range(60_000):
        now = number / 1000
        lines += limit.suppressed(addresses(number % 5000), now) is not None
    assert lines == SOURCES
    assert len(limit._troubles["vrrp", "addresses", "web"]) == SOURCES
    assert limit.suppressed(addresses(9999), QUIET_SOURCE + 1) == 0
