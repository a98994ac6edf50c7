"""What people and programs see of a fleet."""

from ipaddress import ip_address

from sidecar.cli.fleet.table import document, render
from sidecar.cli.fleet.verdicts import Judged, judge
from sidecar.cli.fleet.word import Word
from tests.unit.cli.fleet.fleets import NOW, master, standby, unreadable

ANSWERS = (
    *(master("lb1"), standby("lb2")),
    *(
        master("lb3", "fra1"),
        standby("lb4", "fra1", router={"priority": {"configured": 240, "effective": 1}}),
    ),
    unreadable("lb5", "mad1"),
)


def test_each_router_has_a_line_the_worst_first_and_the_last_line_counts() -> None:
    assert render(judge(ANSWERS, NOW), ANSWERS, 0.42, colors=False) == (
        "? mad1 ?                  UNREADABLE  lb5:9650 is unreadable: no answer within 2 s\n"
        "! fra1 web 51 10.77.0.100 NO STANDBY  lb3 serves; lb4 is unfit (priority 1, not 240)\n"
        "✓ ams1 web 51 10.77.0.100 OK          lb1 serves\n"
        "1 of 3 routers served with a standby · 4 of 5 hosts read in 0.4 s\n"
    )


def test_hosts_of_different_versions_are_counted() -> None:
    answers = (master("lb1"), standby("lb2", version="0.9"), standby("lb3"))
    last = render(judge(answers, NOW), answers, 1, colors=False).splitlines()[-1]
    assert last.endswith(" · 2 versions (1.0.0: 2, 0.9: 1)")


def test_colours_are_only_where_they_are_wanted() -> None:
    judged = judge(ANSWERS, NOW)
    assert "\x1b" not in render(judged, ANSWERS, 1, colors=False)
    assert render(judged, ANSWERS, 1, colors=True).count("\x1b[0m") == len(judged)


def test_of_many_addresses_two_are_named() -> None:
    addresses = tuple(ip_address(f"10.77.0.{last}") for last in range(100, 105))
    judged = (Judged("nl", "ams1", "web", 51, addresses, Word.OK, "a serves", (), ("web",)),)
    assert render(judged, (), 0, colors=False).startswith(
        "✓ nl/ams1 web 51 10.77.0.100 10.77.0.101 +3 OK  a serves\n"
    )


def test_programs_get_the_same_by_name() -> None:
    first, second, _ = document(judge(ANSWERS, NOW))
    assert first == {
        "site": "",
        "cluster": "mad1",
        "router": "?",
        "vrid": None,
        "addresses": [],
        "verdict": "UNREADABLE",
        "detail": "lb5:9650 is unreadable: no answer within 2 s",
        "hosts": ["lb5:9650"],
    }
    assert (second["vrid"], second["addresses"], second["hosts"]) == (51, ["10.77.0.100"], ["lb3", "lb4"])
