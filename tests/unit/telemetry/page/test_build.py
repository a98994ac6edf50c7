"""What the page says in the situations of an operator.

Modules: telemetry.page.model, telemetry.page.banner, telemetry.page.cards, telemetry.page.tables,
telemetry.page.history, telemetry.page.split.
"""

from typing import Any, cast

import pytest

from sidecar.core.wire.advert import Advert
from sidecar.telemetry.document import Router
from sidecar.telemetry.lan.picture import AdvertsHeard
from sidecar.telemetry.lan.sentences import held_here_too
from sidecar.telemetry.page.build import build
from sidecar.telemetry.page.model import LONGEST, Tone
from sidecar.telemetry.page.past import Past
from tests.unit.telemetry.lan.overheard import OTHER_MAC, VIP, A, master
from tests.unit.telemetry.page.pages import (
    AT,
    DOWN,
    DRAIN,
    HEARD,
    NODE,
    STANDBY,
    TOLD,
    WAITS,
    document,
    page,
    table,
)


@pytest.mark.parametrize(
    ("changes", "tone", "sentence"),
    [
        ({}, Tone.WELL, "serves web (10.77.0.100)"),
        ({"owned": False, "router": STANDBY}, Tone.WELL, f"{WAITS}, served by 10.77.0.11"),
        ({"check": DOWN}, Tone.LOOK, "serves web (10.77.0.100); check http is down: refused"),
        ({"router": {"state": "FAULT", "reason": "eth0 is down"}}, Tone.BAD, "web is FAULT: eth0 is down"),
        ({"owned": False, "router": {"addresses": []}}, Tone.WELL, "serves web"),
        (
            {"owned": False, "router": STANDBY, "drain": DRAIN},
            Tone.WELL,
            f"drained by uid 0; {WAITS}, served by 10.77.0.11",
        ),
        ({"stopping": True}, Tone.WELL, "ends, and gives its VIPs away"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_this_host_does_or_what_is_wrong(
    changes: dict[str, Any], tone: Tone, sentence: str
) -> None:
    banner = page(**changes).banner
    assert (banner.tone, banner.sentence) == (tone, sentence)
    assert banner.title == f"{tone.symbol} a: {sentence}"


def test_who_serves_one_router_is_not_said_to_serve_another_one() -> None:
    soon = {"step": "takes_over", "at": AT + 2.0, "in_seconds": 2.0, "sentence": "takes over in 2.0 s"}
    whole = document(owned=False, router=STANDBY)
    (web,) = whole["virtual_routers"]
    api = web | {"name": "api", "master": None, "next": soon}
    for routers, sentence in (
        ([web, api], "stands by for 2 virtual routers"),
        ([web, web], "stands by for 2 virtual routers, served by 10.77.0.11"),
        ([api], "stands by for api (10.77.0.100)"),
    ):
        whole["virtual_routers"] = cast("list[Router]", routers)
        assert build(whole, Past()).banner.sentence == sentence


def test_a_command_that_mends_is_never_cut() -> None:
    """What was overheard comes first, and its end goes on where the other reasons are."""
    heard = AdvertsHeard("eth0", False, A, OTHER_MAC, Advert(51, 250, 100, (VIP.ip,)), 0.0, 1.0)
    said = held_here_too(master(), heard)
    found = {"kind": "two_holders", "router": "web", "fault": True, "sentence": said}
    banner = page(lan_findings=[found], check=DOWN).banner
    went_on, down = banner.reasons
    assert len(banner.sentence) <= LONGEST < len(said)
    assert f"{banner.sentence.removesuffix('...')} {went_on.removeprefix('... ')}" == f"web: {said}"
    assert all(text.count("`") % 2 == 0 for text in (banner.sentence, went_on))
    assert "`iptables -I INPUT -p 112 -j ACCEPT`" in went_on
    assert down == "check http is down: refused"


def test_reasons_that_are_many_are_counted() -> None:
    broken = [
        {"kind": "drift", "url": "", "fault": False, "sentence": f"drift {number}"} for number in range(50)
    ]
    banner = page(node_findings=broken).banner
    assert banner.reasons[:2] == ("drift 1", "drift 2")
    assert banner.reasons[-1] == "and 30 more"


def test_a_card_says_since_when_why_and_what_comes_next() -> None:
    (own, _) = page(owned=False, router=STANDBY).cards
    (line,) = own.routers
    facts = {fact.label: fact.text for fact in line.facts}
    assert (own.note, line.state, line.tone) == ("this host", "BACKUP", Tone.WELL)
    assert facts["for"] == "1 min, since 14:13:20"
    assert facts["changed"] == "no advertisement of 10.77.0.12 for 3.06 s"
    assert facts["next"] == "nothing while 10.77.0.11 is heard"
    assert facts["master"] == "10.77.0.11 with priority 250"


def test_a_silent_master_is_said_to_be_silent() -> None:
    silent = STANDBY | {"master": HEARD | {"last_advert_age_seconds": 2.6}}
    (line,) = page(owned=False, router=silent).cards[0].routers
    assert "10.77.0.11 with priority 250, silent for 3 s" in {fact.text for fact in line.facts}


def test_a_standby_that_is_not_asked_is_unknown_and_not_well() -> None:
    _, other = page().cards
    assert other.tone is Tone.IDLE
    assert other.facts[-1].text.startswith("says nothing in VRRP")


def test_of_the_other_hosts_the_worst_is_first() -> None:
    dead = NODE | {"node": None, "url": "http://10.77.0.13:9650", "fault": "refused", "age_seconds": None}
    unfit = NODE | {"node": "c", "virtual_routers": [TOLD | {"fit": False}]}
    _, *others = page(nodes=[NODE, unfit, dead]).cards
    assert [(card.name, card.tone) for card in others] == [
        ("http://10.77.0.13:9650", Tone.BAD), ("c", Tone.LOOK), ("b", Tone.WELL),
    ]  # fmt: skip
    assert others[0].facts[0].text == "never read: refused"


def test_many_routers_and_hosts_are_bounded_and_the_worst_are_shown() -> None:
    routers = [TOLD | {"name": f"r{number}"} for number in range(200)]
    routers[150] |= {"state": "FAULT"}
    nodes = [NODE | {"virtual_routers": routers} for _ in range(40)]
    cards = page(nodes=nodes).cards
    assert len(cards) == 12
    assert [line.name for line in cards[1].routers][:2] == ["r150", "r0"]
    assert cards[1].more == "188 more BACKUP"


def test_rows_that_have_no_room_are_counted() -> None:
    whole = document()
    whole["checks"] = [whole["checks"][0] | {"name": f"c{number}"} for number in range(120)]
    whole["checks"][119]["up"] = False
    checks = table(build(whole, Past()), "checks")
    assert (len(checks.rows), checks.rows[0].cells[0]) == (100, "c119")
    assert checks.note == "20 more have no room here, the worst of them ✓: see /status.json."


@pytest.mark.parametrize(
    ("desired", "owned", "state", "tone"),
    [
        (True, True, "held here", Tone.WELL),
        (True, False, "wanted here, and missing", Tone.BAD),
        (False, False, "not here", Tone.IDLE),
        (False, True, "held here, and not wanted", Tone.LOOK),
    ],
)
def test_a_vip_is_where_the_kernel_has_it(desired: bool, owned: bool, state: str, tone: Tone) -> None:
    vip = {"address": "10.77.0.100/32", "desired": desired, "owned": owned, "mac": None}
    (row,) = table(page(router={"addresses": [vip]}), "vips").rows
    assert (row.cells[2], row.tone) == (state, tone)


HOLDER = NODE | {"virtual_routers": [TOLD | {"state": "MASTER", "owned": ["10.77.0.100"]}]}


def test_a_vip_that_two_hosts_have_is_red_and_so_are_their_routers() -> None:
    found = {"kind": "two_holders", "url": NODE["url"], "fault": True, "sentence": "held by two hosts"}
    shown = page(nodes=[HOLDER], node_findings=[found])
    (row,) = table(shown, "vips").rows
    assert (row.cells[-1], row.tone) == ("held by b", Tone.BAD)
    assert [line.tone for card in shown.cards for line in card.routers] == [Tone.BAD, Tone.BAD]


def test_a_vip_that_has_just_come_here_is_not_red() -> None:
    """The last answer of the host before is older than the move."""
    shown = page(nodes=[HOLDER])
    (row,) = table(shown, "vips").rows
    assert (row.cells[-1], row.tone) == ("b had it 1 s ago", Tone.WELL)
    assert shown.banner.tone is Tone.WELL
    assert [line.tone for card in shown.cards for line in card.routers] == [Tone.WELL, Tone.WELL]


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ({}, Tone.WELL),
        ({"router": {"cannot_send": "nftables drops it"}}, Tone.LOOK),
        ({"router": {"priority": {"configured": 250, "effective": 1}}}, Tone.LOOK),
        ({"router": {"masters_observed": 2}}, Tone.LOOK),
        ({"owned": False, "router": STANDBY | {"master": None}}, Tone.BAD),
        ({"lan_findings": [{"kind": "x", "router": "web", "fault": True, "sentence": "x"}]}, Tone.BAD),
        ({"lan_findings": [{"kind": "x", "router": "web", "fault": False, "sentence": "x"}]}, Tone.LOOK),
        ({"lan_findings": [{"kind": "x", "router": "api", "fault": True, "sentence": "x"}]}, Tone.WELL),
    ],
)  # fmt: skip
def test_a_router_has_the_tone_of_what_the_verdict_says_of_it(changes: dict[str, Any], tone: Tone) -> None:
    assert page(**changes).cards[0].routers[0].tone is tone


def test_what_a_host_had_that_does_not_answer_any_more_is_not_held() -> None:
    """It was the master, and died; this host has taken over."""
    dead = NODE | {"fault": "no answer within 2 s"}
    dead |= {"virtual_routers": [TOLD | {"state": "MASTER", "owned": ["10.77.0.100"]}]}
    (row,) = table(page(nodes=[dead]), "vips").rows
    assert (row.cells[-1], row.tone) == ("", Tone.WELL)


def test_of_a_host_that_is_drained_no_check_is_said_to_be_down() -> None:
    unfit = TOLD | {"fit": False, "priority": {"configured": 240, "effective": 1}}
    _, card = page(nodes=[NODE | {"drained": "drained by uid 0", "virtual_routers": [unfit]}]).cards
    assert (card.tone, card.facts[0].label, card.facts[0].text) == (Tone.LOOK, "drain", "drained by uid 0")
    assert [fact.text for fact in card.routers[0].facts] == ["240, now 1"]
    _, card = page(nodes=[NODE | {"drained": None, "virtual_routers": [unfit]}]).cards
    assert card.routers[0].facts[-1].text == "no: a check that it needs is down"


def test_machines_that_answer_for_a_vip_are_named_by_their_mac() -> None:
    claim = {"address": "10.77.0.100", "mac": "02:00:00:77:00:0c", "source": "10.77.0.12", "age_seconds": 1.0}
    unknown = claim | {"mac": "02:00:00:77:00:66", "source": None}
    elsewhere = claim | {"address": "10.77.0.200"}
    (row,) = table(page(router={"claims": [claim, unknown, elsewhere]}), "vips").rows
    assert row.cells[4] == ("this host; 02:00:00:77:00:0c (10.77.0.12); 02:00:00:77:00:66 (unknown), 1 s ago")
    vip = {"address": "10.77.0.100/32", "desired": True, "owned": True, "mac": "02:00:00:77:00:0b"}
    (row,) = table(page(router={"addresses": [vip]}), "vips").rows
    assert row.cells[4] == "02:00:00:77:00:0b (this host)"
    (row,) = table(page(router={"addresses": [vip], "claims": 5 * [claim]}), "vips").rows
    assert row.cells[4].endswith("; 2 more")
    (row,) = table(page(owned=False, router=STANDBY | {"claims": [claim]}), "vips").rows
    assert row.cells[4] == "02:00:00:77:00:0c (10.77.0.12)"


def test_the_last_detail_of_a_check_is_in_a_cell_with_its_age_if_it_is_old() -> None:
    (row,) = table(page(check={"up": False, "detail": "503 in 3 ms", "age_seconds": 65.0}), "checks").rows
    assert row.cells == ("http", "http", "DOWN", "14:13:20, 1 min", "503 in 3 ms (1 min ago)")


def test_the_worst_pool_is_first_and_says_why_it_is_not_judged() -> None:
    server = {"server": "10.0.0.21:80", "up": True, "in_service": True, "ramp_percent": 100, "since": AT}
    server |= {"detail": "200", "age_seconds": 0.1}
    pool = {"mode": "normal", "state": "live", "detail": "well", "generation": 7, "cut_off": None}
    pools = [pool | {"name": "app", "servers": [server]}]
    pools += [pool | {"name": "api", "servers": [server | {"up": False}], "cut_off": "eth0 is down"}]
    tables = [each for each in page(pools=pools).tables if each.kind == "pool"]
    assert [each.title.partition(":")[0] for each in tables] == ["Pool api", "Pool app"]
    assert tables[0].note == "well; this host judges no server of it: eth0 is down"


def test_events_have_their_cause_and_how_long_it_had_lasted_newest_first() -> None:
    moved = {"event": "transition", "router": "web", "from": "MASTER", "to": "BACKUP", "reason": "health"}
    down = {"event": "check_down", "check": "http", "detail": "refused", "at": AT - 86400}
    shown = table(page(down, moved | {"detail": "check http failed", "lasted_seconds": 93784.0}), "events")
    assert [row.cells for row in shown.rows] == [
        ("14:15:00", "web", "MASTER → BACKUP", "health: check http failed", "1d 2h"),
        ("2026-09-20 14:15:00", "http", "check down", "refused", ""),
    ]
    assert table(page(), "events").note == "No event is kept yet."
