"""The results as text and as JSON."""

import json

from sidecar.doctor.evidence import Speaker
from sidecar.doctor.examination import CHECKS, Result, examine
from sidecar.doctor.problem import Problem, Severity, Unseen
from sidecar.doctor.report import document, render
from tests.unit.doctor.handmade import evidence, heard, running

SHARED = evidence(heard(), heard(addresses=["192.0.2.200"], source="192.0.2.21"), running=running())


def test_a_problem_is_shown_with_evidence_reason_and_a_line_to_copy() -> None:
    text = render(examine(SHARED), 4.23, colors=False)
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("look   vrid-shared"))
    assert lines[at + 1] == "    web: another service uses VRID 51 on eth0"
    assert lines[at + 2].startswith("      seen  192.0.2.21 (02:00:00:00:00:11) advertises 192.0.2.200")
    assert "      mend  vrid: 52   # on all hosts of web; in use here: 51" in lines
    assert lines[-1].endswith("in 4.2 s; see docs/doctor.md")
    assert "1 problem" in lines[-1] or "2 problems" in lines[-1]
    assert all(len(line) <= 80 or line.startswith("      mend") for line in lines)
    assert "\x1b" not in text
    assert "\x1b[33mlook" in render(examine(SHARED), 4.23, colors=True)


def test_what_could_not_be_seen_is_not_called_ok() -> None:
    blind = evidence(air=Unseen("packets cannot be seen from here: it needs the capability NET_RAW"))
    text = render(examine(blind), 0.1, colors=False)
    assert "unseen vrid-shared    could not be looked at, or not wholly" in text
    assert "not seen: packets cannot be seen from here" in text
    assert text.splitlines()[-1].startswith("nothing found, ")


def test_letters_of_others_cannot_move_the_cursor() -> None:
    results = examine(evidence(speakers=(Speaker(1, 2, "keep\x1b[2Jalived"),)))
    assert "\x1b" not in render(results, 0.1, colors=False)


def test_the_same_as_json() -> None:
    whole = json.loads(json.dumps(document(examine(SHARED), 4.23)))
    assert (whole["verdict"], whole["seconds"]) == ("warning", 4.2)
    assert [each["name"] for each in whole["checks"]] == [check.name for check in CHECKS]
    (shared,) = [each for each in whole["checks"] if each["name"] == "vrid-shared"]
    assert set(shared["problems"][0]) == {"router", "severity", "what", "evidence", "why", "mend"}
    assert document((), 0.0)["verdict"] == "ok"


def test_a_command_in_a_sentence_is_shown_whole_on_a_line_of_its_own() -> None:
    shown = "`ip address show dev vip-sidecar-51-eth0.100`"
    why = "somebody else has put the VIP on this host, where nobody renews it and nobody takes it away"
    problem = Problem("web", Severity.FAULT, why, f"{why}: {shown} has it", f"{why} ({shown})", "remove it")
    lines = render((Result(CHECKS[0], (problem,), (f"{why}: {shown}",)),), 0.1, colors=False).splitlines()
    assert lines.count(f"            {shown}") == 1
    assert lines.count(f"            ({shown})") == 1
    assert sum(shown in line for line in lines) == 3
