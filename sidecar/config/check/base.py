"""The common base of the models of all kinds of checks."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from sidecar.config.rules import Rule, named
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Whole
from sidecar.plan.check import AnyCheck


class CheckModel(StrictModel):
    """One check: the keys of exactly one kind, and how its results count."""

    kind: ClassVar[str]
    """The key that makes a check one of this kind."""
    rules: ClassVar[tuple[Rule[Any], ...]] = (named("check"),)
    needs_docker: ClassVar[bool] = False
    """Whether it asks the Docker engine."""
    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Code and sentence about keys of this model in a check of another kind. A key without one has the usual.

    In the sentence {key}, {owner} and {kind} stand for the key, its kind, and the kind of the check.
    """

    rise: Whole = Field(default=2, ge=1, le=100)
    """Consecutive successes that bring a failed check up."""
    fall: Whole = Field(default=2, ge=1, le=100)
    """Consecutive failures that bring a check down."""
    weight: Whole | None = Field(default=None, ge=-253, le=253)
    """Negative: added to the priority while down; positive: while up. Absent: the check is required."""

    @property
    def oldest(self) -> float | None:
        """Seconds after which a result is stale; None: event driven, never."""
        return None

    @abstractmethod
    def plan(self, name: str) -> AnyCheck:
        """Return its plain form."""
