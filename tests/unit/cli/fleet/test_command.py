"""The verb: a wrong file is told, and a move between two questions is no split."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from sidecar.cli.fleet.command import survey
from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.targets import Target
from sidecar.cli.fleet.word import Word
from sidecar.cli.main import main
from tests.unit.cli.fleet.fleets import NOW, master, standby, target, unreadable


class Hosts:
    """Hosts that tell one thing after the other."""

    def __init__(self, *told: tuple[Answer, ...]) -> None:
        self._told = list(told)
        self.asked: list[tuple[str, ...]] = []

    def ask(self, targets: Iterable[Target]) -> Mapping[Target, Answer]:
        wanted = tuple(targets)
        self.asked.append(tuple(each.host for each in wanted))
        answers = {each.target: each for each in self._told.pop(0)}
        return {each: answers[each] for each in wanted}


def words(hosts: Hosts, *targets: Target) -> tuple[list[Word], list[float]]:
    slept: list[float] = []
    _, judged = survey(targets, hosts.ask, lambda: NOW, slept.append)
    return [each.word for each in judged], slept


def test_a_vip_that_moves_between_two_questions_is_no_split() -> None:
    moved = {"since": NOW - 1}
    hosts = Hosts(
        (master("a"), master("b", router=moved), standby("c", "x"), master("d", "x")),
        (standby("a"), master("b", router=moved)),
    )
    targets = (target("a"), target("b"), target("c", "x"), target("d", "x"))
    assert words(hosts, *targets) == ([Word.MOVED, Word.OK], [1.0])
    assert hosts.asked == [("a", "b", "c", "d"), ("a", "b")]


def test_what_lasts_is_told() -> None:
    split = (master("a"), master("b"))
    assert words(Hosts(split, split), target("a"), target("b"))[0] == [Word.TWO_MASTERS]


def test_nobody_is_asked_twice_who_is_well_or_unreadable() -> None:
    hosts = Hosts((master("a"), unreadable("b")))
    assert words(hosts, target("a"), target("b")) == ([Word.UNREADABLE], [])


@pytest.mark.parametrize(
    ("text", "said"), [(None, "cannot read "), ("7", ": it is no list"), ("\udcff", "codec can't decode")]
)
def test_a_file_that_is_missing_or_wrong_is_told(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "targets.json"
    if text is not None:
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert main(["fleet", "-f", str(file)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parts
def test_the_exit_code_and_the_output_are_those_of_the_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "targets.json"
    file.write_text(json.dumps([{"targets": ["127.0.0.1:1"], "labels": {"cluster": "lab"}}]))
    assert main(["fleet", "-f", str(file), "-o", "json"]) == 3
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["cluster"], told["verdict"]) == ("lab", "UNREADABLE")
    assert main(["fleet", "-f", str(file)]) == 3
    assert capsys.readouterr().out.startswith("? lab ? ")


@pytest.mark.parts
@pytest.mark.parametrize("output", ["table", "json"])
def test_watch_shows_it_until_it_is_interrupted(output: str, tmp_path: Path) -> None:
    file = tmp_path / "targets.json"
    file.write_text(json.dumps([{"targets": ["127.0.0.1:1"], "labels": {"cluster": "lab"}}]))
    # A shell that starts something in the background has it ignore SIGINT, and so has all that this starts.
    sidecar = ["env", "--default-signal=INT", sys.executable, "-m", "sidecar"]
    command = [*sidecar, "fleet", "-f", str(file), "--watch", "100ms", "-o", output]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        looks = 0
        while looks < 2:
            line = process.stdout.readline()
            assert line
            looks += "UNREADABLE" in line
            if output == "json":
                assert json.loads(line)[0]["verdict"] == "UNREADABLE"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 3


def test_watch_and_serve_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fleet", "-f", "x", "--watch", "--serve"])
    assert "not allowed with" in capsys.readouterr().err
