"""What the core asks of a host process and promises it, in its docstring: every command, every event."""

import re
from types import UnionType
from typing import Any, get_args

import sidecar.core
from sidecar.core.actions import Command
from sidecar.core.events import Event

TEXT = sidecar.core.__doc__ or ""


def members(union: Any) -> list[str]:
    """The names of the classes of a union, also of unions inside."""
    inside = (members(each) if isinstance(each, UnionType) else [each.__name__] for each in get_args(union))
    return [name for names in inside for name in names]


def test_each_command_has_its_answer() -> None:
    section = TEXT.partition("One answer for each command\n")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^    (\w+)  +\w", section, re.MULTILINE)) == sorted(members(Command))


def test_each_event_is_told_of() -> None:
    assert [name for name in members(Event) if not re.search(rf"\b{name}\b", TEXT)] == []
