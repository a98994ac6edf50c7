"""A line for journald: pairs, quoted where they must be, always one line."""

import json
import os
import shlex
from pathlib import Path

import pytest

from sidecar.telemetry.logfmt import journal_reads, line


def test_pairs_are_in_order_and_what_is_unknown_is_left_out() -> None:
    event = {"event": "transition", "level": "info", "router": "web", "source": None, "took_ms": 64.2}
    assert line(event, severity=False) == "event=transition level=info router=web took_ms=64.2"
    assert line({"up": True, "forced": False, "n": 0}, severity=False) == "up=true forced=false n=0"


def test_lists_are_joined_and_documents_are_json() -> None:
    assert line({"vips": ["10.0.0.1/32", "fd00::1/128"]}, severity=False) == "vips=10.0.0.1/32,fd00::1/128"
    assert json.loads(shlex.split(line({"status": {"a": [1]}}, severity=False))[0][7:]) == {"a": [1]}


@pytest.mark.parametrize(
    "text",
    ["", "two words", 'a "quote"', "a=b", "back\\slash", "tab\there", "one\ntwo", "\x1b[31m", "a\u202eb"],
)
def test_whatever_a_target_says_is_one_line_and_can_be_read_back(text: str) -> None:
    told = line({"detail": text, "next": 1}, severity=False)
    assert told.isprintable()
    value = told.removeprefix("detail=").removesuffix(" next=1")
    assert json.loads(value) == text


def test_names_of_people_stay_as_they_are() -> None:
    assert line({"node": "хост"}, severity=False) == "node=хост"


def test_journald_gets_the_level_where_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert line({"level": "warning", "event": "x"}, severity=True) == "<4>level=warning event=x"
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        assert journal_reads(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino + 1}")
        assert not journal_reads(stream.fileno())
    assert not journal_reads(stream.fileno() if not stream.closed else 10**6)
