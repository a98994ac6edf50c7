"""A kind of check is a model in a file of its own, and one line: its plain form is one of the kinds.

A toy kind is added to a copy of the product, in the three files that docs/contributing.md names.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.config.check.kinds import KINDS
from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.plan import check as plan

ROUTER = "virtual_routers:\n  web: {interface: eth0, vrid: 51, priority: 250, addresses: [10.0.0.100]}\n"

PLAIN = '''
@dataclass(frozen=True, slots=True)
class ToyCheck(PolledCheck):
    """A toy says a word."""

    kind: ClassVar[str] = "toy"
    endpoint: Endpoint
    word: str


'''

MODEL = '''
"""The toy check in the configuration."""

from typing import ClassVar

from sidecar.config.check.polled import PolledModel
from sidecar.config.mistake import Finding
from sidecar.config.rules import rule
from sidecar.config.values.scalars import TcpEndpoint, Text
from sidecar.plan.check import ToyCheck


@rule("toy", "word")
def not_its_host(entry):
    """A toy never says where it lives."""
    if entry.model.word == entry.model.toy.host:
        yield Finding((*entry.path, "word"), "toy-word", "a toy cannot say its own host; write another word")


class ToyModel(PolledModel):
    """A toy says a word."""

    kind: ClassVar[str] = "toy"
    rules = (*PolledModel.rules, not_its_host)

    toy: TcpEndpoint
    """host:port of the toy."""
    word: Text = "ping"
    """The required result."""

    def plan(self, name):
        """Return its plain form."""
        return ToyCheck(name, self.toy, self.word, **self.pace())


MODEL = ToyModel
'''

PROBE = '''
"""The toy check."""

from sidecar.checks.probe import Finding
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome


def build(check, tools):
    """Return the watch of a toy check."""

    async def probe(phase):
        return Finding(Outcome.FAIL, f"said {check.word}")

    return Polled(probe, pace_of(check), tools.stalls)
'''

WORK = """
import sys, threading

from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.checks.runner import CheckRunner
from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.plan import plan_of
from sidecar.config.reference import render
from sidecar.plan.changes.change import as_text
from sidecar.plan.changes.comparison import compare

def show(checks):
    try:
        plan = plan_of(parse(sys.argv[1] + "checks:" + checks + chr(10), "f", {}, "h"))
    except ConfigError as error:
        print(error)
        return None
    assert OBSERVER_PLAN.decode(OBSERVER_PLAN.encode(plan.observer)) == plan.observer
    print(plan.observer.checks, plan.node.checks)
    return plan

show(" {a: {toy: 'h:1', word: h, every: 1ms}, b: {tcp: 'h:1', word: x}, c: {link: lo, word: y}, d: {}}")
plan = show(" {a: {toy: 'h:1', word: hello, rise: 5, weight: -20}}")
print(as_text(compare(plan, show(" {a: {toy: 'h:1', word: bye, rise: 4, weight: -20}}"))))
print(render().partition("## A check of kind `toy`")[2].partition("##")[0])

class Listener:
    def result(self, check, result):
        print(check, result.outcome, result.detail)
        heard.set()
    def trouble(self, *words):
        print(words)

heard = threading.Event()
runner = CheckRunner(plan.observer.checks, None, Listener())
runner.start()
heard.wait(30)
runner.stop(5)
"""


EXPECTED = (
    "f:3:32 error[toy-word]: checks.a.word: a toy cannot say its own host; write another word",
    "error[every-range]: checks.a.every: out of range; write 50ms to 1h",
    "checks.b.word: `word` is a key of toy checks, and this is a check of kind tcp; remove it",
    "checks.c.word: `word` is a key of toy checks, and this is a check of kind link; remove it",
    "exec, link, process, toy",
    "ToyCheck(name='a', rise=5, fall=2, every=1.0, timeout=0.5, jitter=0.02, endpoint=",
    "kind='toy', rise=5, fall=2, weight=-20, max_age=3.5",
    "~ checks.a.word hello -> bye (the next run asks accordingly; ",
    "~ checks.a.rise 5 -> 4 (it counts from the next result; ",
    "| `toy` | host:port | required | host:port of the toy. |",
    "| `word` | text | `ping` | The required result. |",
    "a fail said hello",
)
"""Outputs about the toy kind: mistakes, both plain forms, a reload, its table of keys, its result."""


def test_a_new_kind_is_two_files_and_one_line(tmp_path: Path) -> None:
    product = tmp_path / "sidecar"
    shutil.copytree(
        Path(__file__).parents[4] / "sidecar", product, ignore=shutil.ignore_patterns("__pycache__")
    )
    (product / "config" / "check" / "toy.py").write_text(MODEL)
    (product / "checks" / "kinds" / "toy.py").write_text(PROBE)
    table = product / "plan" / "check.py"
    before, union, after = table.read_text().partition("AnyCheck = (\n")
    assert union
    table.write_text(before + PLAIN + union + after.replace("\n)\n", "\n    | ToyCheck\n)\n", 1))
    said = subprocess.run(
        [sys.executable, "-B", "-c", WORK, ROUTER],
        cwd=tmp_path,
        env={name: text for name, text in os.environ.items() if not name.startswith("PYTHON")},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    for line in EXPECTED:
        assert line in said, said


def test_each_kind_has_one_model_of_its_name() -> None:
    assert tuple(KINDS) == plan.KINDS
    for kind, model in KINDS.items():
        assert model.kind == kind
        assert model.model_fields[kind].is_required()


def mistakes(text: str) -> set[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", {}, "host-a")
    return {f"{mistake.code} {mistake.message}" for mistake in raised.value.mistakes}


@pytest.mark.parametrize("kind", [None, "tcp"])
def test_without_one_kind_every_value_is_looked_at_all_the_same(kind: str | None) -> None:
    two = "" if kind is None else 'tcp: "h:0", '
    found = mistakes(
        f"{ROUTER}checks:\n  a: {{{two}http: ftp, every: 1, ca: x, count: many, dns: {{}}, workers: 65}}\n"
    )
    codes = {each.partition(" ")[0] for each in found}
    assert {"check-kind", "url", "duration", "path", "type", "missing-key", "range"} <= codes
    assert ("endpoint" in codes) is (kind == "tcp")


def test_rules_of_two_kinds_in_one_check_are_asked_both() -> None:
    found = mistakes(f'{ROUTER}checks:\n  a: {{http: "http://h/", sni: b, icmp: 224.0.0.1, every: 1ms}}\n')
    codes = {each.partition(" ")[0] for each in found}
    assert codes == {"check-kind", "https-only", "icmp-target", "every-range"}


def test_a_kind_is_a_name_of_the_list_and_nothing_else() -> None:
    assert list(KINDS) == list(plan.KINDS)
    assert all(model.kind == kind for kind, model in KINDS.items())
    assert [name in KINDS for name in ("http", "kinds", "base", "polled", "")] == [True, *[False] * 4]
