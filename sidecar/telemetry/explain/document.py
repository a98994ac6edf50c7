"""The shape of /explain.json and of `explain -o json`. Names never change meaning; fields may be added.

Moments are Unix seconds, spans are seconds. Each part has the facts by name, and one `sentence` about them.
"""

from typing import TypedDict

from sidecar.telemetry.document import Next, Priority


class Term(TypedDict):
    """A number that a sum is made of, and where it comes from."""

    value: float
    origin: str


class Command(TypedDict):
    """A command that mends something or shows more, and what for."""

    command: str
    purpose: str


class Master(TypedDict):
    """The master that is heard, or this host. `interval_seconds`: between its adverts, as it says."""

    source: str
    priority: int
    interval_seconds: float
    last_advert_at: float
    last_advert_age_seconds: float


class Because(TypedDict):
    """Why the router is in this state now. `master` is null when none is known."""

    sentence: str
    master: Master | None


class Changed(TypedDict):
    """The cause of the last change of the state, which may be over."""

    sentence: str
    at: float
    for_seconds: float


class Check(TypedDict):
    """One check of the router. `weight` is null for a required one; `counts` is what it adds now.

    `streak` results in a row say the opposite of `up`; with `needed` of them, or one fact, it changes.
    """

    name: str
    kind: str
    up: bool | None
    detail: str
    since: float
    weight: int | None
    counts: int
    streak: int
    needed: int
    sentence: str


class Fit(TypedDict):
    """Whether this host may serve while another one can. A hold-down is null when there is none."""

    fit: bool
    drained: bool
    failures: int
    hold_down_until: float | None
    hold_down_seconds: float | None
    checks: list[Check]
    sentence: str


class Sum(Priority):
    """The effective priority as the sum of its terms."""

    terms: list[Term]
    sentence: str


class Span(TypedDict):
    """A span of time that counts here: `silence`, `resignation` or `lease`. `at`: its end, if it runs."""

    name: str
    seconds: float
    terms: list[Term]
    at: float | None
    in_seconds: float | None
    sentence: str


class Other(TypedDict):
    """The answer of another host of `nodes` about this virtual router. Null: not known, or not read."""

    url: str
    node: str | None
    state: str | None
    priority: int | None
    fit: bool | None
    age_seconds: float | None
    sentence: str


class Router(TypedDict):
    """One virtual router."""

    name: str
    vrid: int
    interface: str
    version: int
    addresses: list[str]
    state: str
    since: float
    for_seconds: float
    sentence: str
    because: Because
    changed: Changed
    fit: Fit
    priority: Sum
    spans: list[Span]
    next: Next
    others: list[Other]
    commands: list[Command]


class Move(TypedDict):
    """A change of the state that would follow, and its cause."""

    at: float
    in_seconds: float
    old: str
    new: str
    reason: str
    sentence: str


class WhatIf(TypedDict):
    """The consequences if all of `supposed` were so from now on, and nothing else happened.

    `moves` come within `horizon_seconds`; `then` is the router after them, explained like one that is.
    """

    supposed: list[str]
    router: str
    horizon_seconds: float
    moves: list[Move]
    then: Router
    sentence: str


class Explanation(TypedDict):
    """The whole document. `old`: why what it says may be over, null if the router has just told it.

    `what_if` has one entry for each router if something was supposed; `virtual_routers` is empty then.
    """

    at: float
    node: str
    version: str
    old: str | None
    virtual_routers: list[Router]
    what_if: list[WhatIf]
