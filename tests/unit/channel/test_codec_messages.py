"""What the two processes may say: everything there is goes there and back, and nothing else decodes.

Modules: channel.up.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from sidecar.channel import down, up
from sidecar.channel.endpoint import MOST_BYTES
from sidecar.channel.malformed import Malformed, Unencodable
from sidecar.channel.reload import Exchanged, Prepared, ReloadAsked
from sidecar.channel.up import MOST_FRESH, MOST_UP, UP, Alive, Fresh, FreshResults, fresh_results
from sidecar.core.actions import Warned
from sidecar.core.events import HookEnded
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from tests.fuzz.channel_decoders import DECODERS, PEER, REPORTS, SNAPSHOT, TOLD, VERDICT, VIP


def values() -> Iterator[Any]:
    for decoder in DECODERS:
        for value in decoder.values:
            yield pytest.param(decoder.codec, value, id=f"{type(value).__name__}")


@pytest.mark.parametrize(("codec", "value"), list(values()))
def test_it_goes_there_and_back(codec: Any, value: Any) -> None:
    data = codec.encode(value)
    assert codec.decode(data) == value
    for size in range(0, len(data), max(1, len(data) // 50)):
        with pytest.raises(Malformed):
            codec.decode(data[:size])


def test_every_kind_of_message_is_tried() -> None:
    assert {type(each) for each in TOLD} == set(get_args(down.Down))
    assert {type(each) for each in REPORTS} == set(get_args(down.Report))
    assert {type(each) for each in DECODERS[1].values} == set(get_args(up.Up))


def test_the_observer_can_name_no_parameter() -> None:
    """It sends results, signs of life, looks, ends of hooks, drains, and what is about a given plan."""
    about_plans = {ReloadAsked, Prepared, Exchanged}
    told = {up.Ready, Alive, up.Look, CheckVerdict, FreshResults, HookEnded, DrainAsked, UndrainAsked}
    assert set(get_args(up.Up)) == told | about_plans
    for message in about_plans:
        assert {each.name for each in fields(message)} <= {"number", "dry_run", "why"}


@pytest.mark.parametrize(
    "wrong",
    [
        Alive(float("inf"), 0),
        Alive(0.0, -1),
        replace(VERDICT, since=float("nan")),
        replace(VERDICT, reported_at=2e12),
        FreshResults((Fresh(4096, 1.0),)),
        FreshResults((Fresh(0, 1.0),) * (MOST_FRESH + 1)),
    ],
    ids=repr,
)
def test_what_is_out_of_bounds_cannot_be_said(wrong: Any) -> None:
    with pytest.raises(Unencodable):
        UP.encode(wrong)


def test_a_detail_of_any_length_and_content_fits_into_a_verdict() -> None:
    long = replace(VERDICT, detail="ä" * 1000 + "\udcff")
    assert len(UP.encode(long)) < 300
    assert UP.decode(UP.encode(long)).detail.endswith("ä…")  # type: ignore[union-attr]


def test_a_name_of_the_kernel_that_is_no_utf8_is_told_all_the_same() -> None:
    """An interface may be chosen by its network, whatever its name is."""
    shown = down.RouterShown(0, replace(SNAPSHOT, device="et\udcff"))
    told = down.DOWN.decode(down.DOWN.encode(shown))
    assert told == down.RouterShown(0, replace(SNAPSHOT, device="et?"))


def test_the_longest_messages_fit_into_the_socket() -> None:
    vips = tuple(replace_ip(number) for number in range(255))
    mismatches = (replace(SNAPSHOT.mismatches[0], detail="x" * 9999, remedy="y" * 9999),) * 16
    large = replace(
        SNAPSHOT,
        vips=vips,
        owned=frozenset(vips),
        reason="z" * 9999,
        mismatches=mismatches,
        other_hosts=(PEER,) * 64,
    )
    counters = tuple(down.CounterTotal("n" * 64, ("l" * 40,) * 4, 2**62) for _ in range(64))
    for message in (
        down.RouterShown(0, large),
        down.Totals(counters),
        down.PlanPiece(bytes(down.PIECE.number), last=False),
        down.Noted(1.0, Warned("web", "vrrp", "send_failed", "d" * 99_999)),
        down.Line(1.0, down.Level.ERROR, "crash", tuple((str(n), "t" * 9999) for n in range(16))),
    ):
        assert len(down.DOWN.encode(message)) <= MOST_BYTES
    assert len(UP.encode(replace(VERDICT, check="c" * 4096, detail="d" * 999))) <= MOST_UP


def replace_ip(number: int) -> Any:
    return type(VIP)(int(VIP.ip) + number)


def test_many_fresh_results_are_several_messages() -> None:
    event = ChecksFresh(tuple((index, float(index)) for index in range(100)))
    messages = list(fresh_results(event))
    assert [len(each.results) for each in messages] == [32, 32, 32, 4]
    assert tuple(pair for each in messages for pair in each.event.reports) == event.reports
