"""Which container is meant when names move, several fit, and a filter shows none by its id. Pure.

Modules: checks.docker.errors, checks.docker.questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from sidecar.checks.docker.container_event import parse_event
from sidecar.checks.docker.container_lookup import Followed, Listed, look
from sidecar.checks.docker.container_state import ContainerState, Health, Missing
from sidecar.checks.docker.errors import EngineError
from sidecar.plan.container import ContainerSelection

NAMED = ContainerSelection("nginx")
LABELLED = ContainerSelection(labels=("role=nginx",))


def container(identity: str, name: str, *, runs: bool = True) -> ContainerState:
    status = "running" if runs else "exited"
    return ContainerState(identity * 64, status, runs, False, 1, "t0", Health(), 0, False, name=name)


OLD, NEW = container("a", "nginx"), container("b", "nginx")
RENAMED = replace(OLD, name="web-old")


@dataclass
class Answers:
    """An engine with these containers; `hidden`: a filter that knows names with nginx in them alone."""

    containers: Sequence[ContainerState]
    hidden: bool = False
    listing: list[Listed] = field(default_factory=list)

    def inspect(self, name: str) -> ContainerState | Missing:
        if self.hidden and "nginx" not in name:
            raise EngineError("denied", "status 403")
        fitting = (each for each in self.containers if name in (each.name, each.id))
        return next(fitting, Missing())

    def listed(self, labels: Sequence[str]) -> list[Listed]:
        assert labels == LABELLED.labels
        return self.listing


def followed(state: ContainerState) -> Followed:
    return Followed(state.id, state.name)


def dead(state: ContainerState) -> ContainerState:
    return replace(state, running=False, status="exited")


@pytest.mark.parametrize(
    ("there", "last", "meant"),
    [
        ([OLD], Followed(), OLD),
        ([RENAMED], followed(OLD), RENAMED),
        ([dead(RENAMED)], followed(OLD), dead(RENAMED)),
        ([RENAMED, NEW], followed(OLD), NEW),
        ([RENAMED, dead(NEW)], followed(OLD), RENAMED),
        ([dead(RENAMED), dead(NEW)], followed(OLD), dead(NEW)),
        ([dead(NEW)], followed(OLD), dead(NEW)),
        ([RENAMED], Followed(), Missing()),
        ([], followed(OLD), Missing()),
    ],
)
def test_the_name_that_runs_then_who_was_followed_and_runs(
    there: list[ContainerState], last: Followed, meant: ContainerState | Missing
) -> None:
    found, _ = look(Answers(there), NAMED, last)
    identity = (meant.id, meant.running) if isinstance(meant, ContainerState) else None
    assert ((found.id, found.running) if isinstance(found, ContainerState) else None) == identity


def test_a_container_that_was_renamed_is_told_so() -> None:
    found, last = look(Answers([RENAMED]), NAMED, followed(OLD))
    assert isinstance(found, ContainerState)
    assert found.note == "now called web-old"
    assert last == Followed(OLD.id, "web-old")


@pytest.mark.parametrize(("name", "there"), [("old-nginx", True), ("web-old", False)])
def test_behind_a_filter_the_name_that_an_event_told_is_asked_for(name: str, there: bool) -> None:
    engine = Answers([replace(OLD, name=name)], hidden=True)
    found, _ = look(engine, NAMED, Followed(OLD.id, name))
    assert isinstance(found, ContainerState) is there


def entry(state: ContainerState, created: int, *, one_off: bool = False) -> Listed:
    return Listed(state.id, state.name, state.running, created, one_off)


def test_of_several_that_fit_the_followed_is_kept_and_else_the_newest_that_runs_is_taken() -> None:
    one, two, gone = container("a", "w.1"), container("b", "w.2"), container("c", "w.0", runs=False)
    engine = Answers([one, two, gone], listing=[entry(gone, 30), entry(one, 10), entry(two, 20)])
    found, last = look(engine, LABELLED, Followed())
    assert (last.id, last.others) == (two.id, 1)
    assert isinstance(found, ContainerState)
    assert found.replaceable
    _, last = look(engine, LABELLED, followed(one))
    assert last.id == one.id


def test_a_container_that_ended_after_it_was_listed_gives_way_to_the_next() -> None:
    one, two = container("a", "w.1", runs=False), container("b", "w.2")

    class Late(Answers):
        """Its first list is older than what it says of each."""

        def listed(self, labels: Sequence[str]) -> list[Listed]:
            first, self.listing = super().listed(labels), [entry(one, 10), entry(two, 20)]
            return first

    stale = [replace(entry(one, 10), runs=True), entry(two, 20)]
    _, last = look(Late([one, two], listing=stale), LABELLED, followed(one))
    assert last.id == two.id


def test_what_compose_run_started_is_meant_only_where_its_label_is_named() -> None:
    one = container("a", "shop-nginx-run-1")
    engine = Answers([one], listing=[entry(one, 10, one_off=True)])
    assert look(engine, LABELLED, Followed())[0] == Missing()


@pytest.mark.parametrize(
    ("labels", "selected"),
    [(("role=nginx",), True), (("role",), True), (("role=ngin",), False), (("role=nginx", "b"), False)],
)
def test_an_event_carries_the_labels_of_its_container(labels: tuple[str, ...], selected: bool) -> None:
    attributes = {"name": "web", "role": "nginx"}
    event = parse_event(
        {"Type": "container", "Action": "start", "Actor": {"ID": "a" * 64, "Attributes": attributes}}
    )
    assert event is not None
    assert event.selected_by(ContainerSelection(labels=labels)) is selected
