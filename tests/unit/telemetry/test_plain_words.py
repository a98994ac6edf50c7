import re

import pytest

from sidecar.telemetry.plain_words import (
    divided,
    duration,
    excerpt,
    moment,
    printable,
    roughly,
    short,
    wrapped,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1.0, "0.0s"), (3.24, "3.2s"), (59.96, "60.0s"), (312, "5m 12s"), (7380, "2h 3m"), (93_600, "1d 2h")],
)
def test_durations_have_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.9, "59 s"), (61, "1 min"), (3599, "59 min"), (3660, "1 h 1 min"), (93784, "1 d 2 h")],
)
def test_a_rough_span_changes_seldom(seconds: float, text: str) -> None:
    assert roughly(seconds) == text


def test_a_moment_of_another_day_has_its_date() -> None:
    now = 1_790_000_000.0
    assert moment(now - 60, now) == "14:12:20"
    assert moment(now - 86_400, now) == "2026-09-20 14:13:20"


def test_texts_of_others_move_no_cursor_and_have_an_end() -> None:
    assert printable("a\x1b[31m\r\n\u202eb\u05d0") == "a?[31m???b\u05d0"
    assert short("abcdefgh", 8) == "abcdefgh"
    assert short("abcdefghi", 8) == "abcde..."


@pytest.mark.parametrize(
    ("text", "head", "rest"),
    [
        ("it is well", "it is well", ""),
        ("the cable is unplugged", "the cable is", "unplugged"),
        ("see why: run `ip link`", "see why: run", "`ip link`"),
        ("see (it says `ip link show`)", "see (it says", "`ip link show`)"),
        ("see (`ip link show`)", "see", "(`ip link show`)"),
        ("a `b` c `d` it goes on", "a `b` c `d` it", "goes on"),
        ("run `ip link` and see it", "run `ip link`", "and see it"),
        ("run `ip link show dev eth0`", "run", "`ip link show dev eth0`"),
        ("it said ` and no more of it", "it said ` and no", "more of it"),
        ("see `ip link sh`, all", "see", "`ip link sh`, all"),
        ("`ip link show dev eth0` is", "`ip link show", "dev eth0` is"),
        ("http://192.0.2.100/health", "http://192.0.2.1", "00/health"),
        ("GET http://192.0.2.100/health", "GET http://192.0", ".2.100/health"),
    ],
)
def test_a_sentence_is_cut_between_words_and_a_command_never(text: str, head: str, rest: str) -> None:
    assert divided(text, 19) == (head, rest)
    assert excerpt(text, 19) == (f"{head}..." if rest else text)


FOREIGN = (
    "10.77.0.100/32 is on lo, too, and this host answers the LAN of eth0 for it while it is backup: "
    "`sysctl -w net.ipv4.conf.eth0.arp_ignore=1` ends that, or `ip address del 10.77.0.100/32 dev lo`, if "
    "it is not wanted"
)


@pytest.mark.parametrize("width", range(21, 260))
def test_a_command_is_not_divided_at_any_width_and_nothing_else_is_wider(width: int) -> None:
    lines = wrapped(FOREIGN, width, "  why  ", "       ")
    assert lines[0].startswith("  why  10.77.0.100/32")
    assert " ".join(line[7:] for line in lines) == FOREIGN
    for line in lines:
        assert line.count("`") % 2 == 0
        assert len(line) <= width or re.fullmatch("       `[^`]*`,?", line)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["- "]),
        ("it is well", ["- it is well"]),
        ("the cable is unplugged", ["- the cable is", "  unplugged"]),
        ("http://192.0.2.100/health", ["- http://192.0.2.1", "  00/health"]),
        ("run `ip link` now", ["- run `ip link`", "  now"]),
        ("run `ip link show` now", ["- run", "  `ip link show`", "  now"]),
        ("run `ip link show`", ["- run", "  `ip link show`"]),
        ("see why (`ip link`) now", ["- see why", "  (`ip link`)", "  now"]),
        ("not told (`rise: 3`) yet", ["- not told", "  (`rise: 3`) yet"]),
        ("it said ` and no more of it", ["- it said ` and no", "  more of it"]),
    ],
)
def test_a_command_that_does_not_fit_has_its_own_line(text: str, lines: list[str]) -> None:
    assert wrapped(text, 18, "- ", "  ") == lines
