"""Each keepalived.conf of the corpus becomes exactly what is beside it, and our own reader takes it.

Modules: migrate.*.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from sidecar.migrate.files import as_text
from sidecar.migrate.finding import Finding, Verdict
from sidecar.migrate.result import CONFIG
from tests.unit.migrate.corpus import BAD, HERE, PAIRS, SINGLE, files_of, imported, refusal, written

COMMENT = re.compile(r"(?<!\\)[#!].*")
QUOTED = re.compile(r'"[^"]*"')
NEEDS_NO_LINE = re.compile(
    r"[{}\s]*$|\$\w+=|include|(?:global_defs|authentication|virtual_ipaddress(?:_excluded)?"
    r"|track_(?:script|interface|process|file))\s*(?:\{|$)"
)
"""Braces, definitions, and names of blocks whose lines are told of one by one."""
LISTS = re.compile(r"(?:unicast_peer|group)\b")
"""Blocks that are told of whole."""
REFUSED = {"refused-by-our-reader"}
"""Files with a value that keepalived takes and we do not: the result is shown with the mistake in it."""


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("file", SINGLE, ids=name)
def test_a_file_becomes_what_is_expected(file: Path) -> None:
    assert written([file]) == file.with_suffix(".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_a_pair_becomes_one_configuration(pair: Path) -> None:
    assert written(files_of(pair)) == (pair / "expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", BAD, ids=name)
def test_a_malformed_file_is_refused_with_its_line_and_column(file: Path) -> None:
    said = refusal(file)
    assert said == file.with_suffix(".expected").read_text(encoding="utf-8")
    assert said.count(":") >= 3
    assert "error[" in said


@pytest.mark.parametrize("files", [[file] for file in SINGLE] + [files_of(pair) for pair in PAIRS], ids=str)
def test_our_own_reader_takes_the_result(files: list[Path]) -> None:
    mistakes = imported(files).errors
    assert bool(mistakes) == (files[0].stem in REFUSED), mistakes


@pytest.mark.parametrize("file", SINGLE, ids=name)
def test_each_line_with_a_word_is_in_the_report(file: Path) -> None:
    """Of itself, or with the block around it: a list that is told of whole, or what is not taken over."""
    findings = imported([file]).findings
    assert not [finding for finding in findings if finding.text == "was not translated"]
    told: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.place.file == file.name:
            told.setdefault(finding.place.line, []).append(finding)
    assert not list(untold_lines(as_text(file.read_bytes()).splitlines(), told))


def untold_lines(lines: Sequence[str], told: Mapping[int, Sequence[Finding]]) -> Iterator[str]:
    """Yield the lines with words that the report leaves out, by number; found by braces alone."""
    around: list[bool] = []
    above = ""
    for number, line in enumerate(lines, 1):
        code = COMMENT.sub("", QUOTED.sub("quoted", line)).strip()
        here = told.get(number, ())
        if not (here or any(around) or NEEDS_NO_LINE.match(code) or above.endswith("\\")):
            yield f"{number}: {line}"
        left_out = any(
            each.verdict is not Verdict.MAPPED or each.text.startswith("together with") for each in here
        )
        whole = left_out or LISTS.match(code) is not None
        around += [whole] * code.count("{")
        del around[max(0, len(around) - code.count("}")) :]
        above = code


def test_the_corpus_is_there() -> None:
    assert len(SINGLE) + len(PAIRS) >= 70
    assert len(BAD) >= 30
    verdicts = Counter(finding.verdict for file in SINGLE for finding in imported([file]).findings)
    assert all(verdicts[verdict] >= 30 for verdict in Verdict)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("no-priority", "PRIORITY=255"),
        ("address-owner", "PRIORITY=255"),
        ("password-too-long", "pass: 35f18af7"),
        ("strict", "keepalived does not use it: vrrp_strict sends none"),
        ("nopreempt-of-a-master", "keepalived ignores it beside state MASTER"),
        ("ipv6-unicast", "min_ttl: 64"),
        ("fraction-in-version-2", "advert_interval: 1s"),
    ],
)
def test_what_keepalived_does_against_its_own_file_is_known(file: str, said: str) -> None:
    assert said in written([HERE / "conf" / f"{file}.conf"])


def test_the_source_line_stands_beside_each_value() -> None:
    text = imported([next(file for file in SINGLE if file.stem == "unicast")]).files[CONFIG]
    assert "    vrid: 51                                 # line 4\n" in text
    assert "      peers: [192.0.2.12, 192.0.2.13]        # lines 9, 10\n" in text
