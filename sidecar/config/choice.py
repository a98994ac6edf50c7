"""Which model an entry of the file has: checks have one for each kind."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Generic

from sidecar.config.entry import M
from sidecar.config.mistake import Finding


@dataclass(frozen=True, slots=True)
class Choice(Generic[M]):
    """Which model a mapping of the file has, what is wrong with that, and keys that it may have meant."""

    model: type[M]
    findings: list[Finding] = field(default_factory=list)
    akin: Callable[[], AbstractSet[str]] = frozenset
