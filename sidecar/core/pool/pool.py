"""Decides for one pool: hears what probes and nginx say, returns what to put into the file and why.

Pure, like the node: `step` hears every event, then looks at the time. Nothing is decided before every
name was looked up, every address has a verdict and it is known what nginx serves: a restart of the
sidecar finds its file as it left it and reloads nothing.
"""

from collections.abc import Iterable
from typing import Final, assert_never

from sidecar.core.health.check_state import CheckState
from sidecar.core.pool.events import (
    Applied,
    Apply,
    Audited,
    Drifted,
    Isolated,
    JudgingChanged,
    ModeChanged,
    NameChanged,
    PoolAction,
    PoolEvent,
    Probed,
    Reloaded,
    ReloadResult,
    Resolved,
    Served,
    ServerChanged,
    ServerProbed,
)
from sidecar.core.pool.members import Members
from sidecar.core.pool.params import PoolParams
from sidecar.core.pool.reload_budget import ReloadBudget
from sidecar.core.pool.rollout import Attempt, Rollout, RolloutState
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.core.pool.upstream import Mode, Upstream
from sidecar.core.pool.upstream_file import digest, render, token
from sidecar.core.stall import Stalled

_DETAILS: Final = {
    Mode.NORMAL: "servers pass again",
    Mode.FAIL_OPEN: "no server passes: all of them get requests",
    Mode.SORRY: "no server passes: the sorry server gets all requests",
    Mode.EMPTY: "no address of any server is known",
}
_REASONS: Final = 3
"""Changes that are named in the reason of an attempt; the rest is counted."""


class Pool:
    """One upstream. `now` is seconds of any clock that never goes back."""

    def __init__(self, params: PoolParams, now: float) -> None:
        self.params = params
        self._members = Members(params)
        self._members.start(now)
        self._rollout = Rollout(ReloadBudget(params.reload_every))
        self._audited = False
        self._begun = False
        self._mode: Mode | None = None
        self._since = now
        self._state = self._rollout.state
        self._detail = "waiting for the first verdicts"
        self._changes: list[str] = []
        self._reason = ""
        self._last: ReloadResult | None = None
        self._doubted: int | None = None
        self._cut_off = ""
        self._out: list[PoolAction] = []

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses that are to be probed."""
        return frozenset(self._members.members)

    def step(self, events: Iterable[PoolEvent], now: float) -> list[PoolAction]:
        """Take what happened and the time, return what to do and what to tell."""
        for event in events:
            self._hear(event, now)
        for state in self._members.age(now):
            self._changed(state)
        self._begun = self._begun or (self._audited and self._members.settled)
        if self._begun:
            self._decide(now)
        self._note_state(now)
        actions, self._out = self._out, []
        return actions

    def deadline(self, now: float) -> float:
        """When `step` is needed at the latest, if nothing happens before. Infinity: never."""
        return min(self._members.deadline(now), self._rollout.deadline(now))

    def snapshot(self, now: float) -> PoolSnapshot:
        """Return one immutable picture."""
        return PoolSnapshot(
            name=self.params.name,
            upstream=self.params.upstream,
            mode=self._mode or Mode.NORMAL,
            state=self._rollout.state,
            since=self._since,
            detail=self._detail,
            generation=self._rollout.generation,
            servers=self._members.snapshot(self._rollout.in_service, now),
            cut_off=self._cut_off,
        )

    def _hear(self, event: PoolEvent, now: float) -> None:
        match event:
            case Probed(address, result):
                self._out.append(ServerProbed(self.params.name, address, result))
                state = self._members.probe(address, result, now)
                if state is not None:
                    self._changed(state)
            case Resolved(host, addresses, detail):
                if self._members.resolve(host, addresses, detail, now):
                    self._changes.append(f"{host} is {', '.join(addresses)}" if addresses else detail)
                    self._out.append(NameChanged(self.params.name, host, addresses, detail))
            case Audited():
                self._audit(event)
            case Applied():
                self._applied(event, now)
            case Isolated(reason):
                if reason != self._cut_off:
                    self._out.append(JudgingChanged(self.params.name, reason))
                self._cut_off = reason
            case Stalled(seconds):
                self._members.excuse(seconds)
            case _:
                assert_never(event)

    def _changed(self, state: CheckState) -> None:
        name, up = state.params.name, bool(state.up)
        self._changes.append(f"{name} {'passes' if up else 'failed'}: {state.detail}")
        self._out.append(ServerChanged(self.params.name, name, up, state.detail))

    def _audit(self, audit: Audited) -> None:
        """Compare what is there with what we left. A silent nginx is no drift: it will load the file."""
        found, first = audit.found, not self._audited
        self._audited = True
        if self._rollout.busy:
            return
        if found is not None and audit.served is Served.YES and (first or self._rollout.wants(found.digest)):
            self._rollout.adopt(found.generation, found.digest, found.in_service)
        elif first:
            self._rollout.adopt(found.generation if found else 0, None, frozenset())
            self._changes.append("the first lineup" if found is None else "what nginx serves was unknown")
        elif self._rollout.state is RolloutState.LIVE:
            self._look_for_drift(audit)
        elif audit.served is not Served.SILENT and self._last is ReloadResult.ABSENT:
            self._rollout.retry()

    def _look_for_drift(self, audit: Audited) -> None:
        found, live = audit.found, self._rollout.generation
        if found is None or found.generation != live:
            detail = "the file is not the one that we wrote"
        elif audit.served is Served.OTHER and self._doubted == live:
            detail = f"nginx does not serve generation {live}"
        else:
            # Once is no proof: for a tenth of a second after a reload old workers answer, too.
            self._doubted = live if audit.served is Served.OTHER else None
            return
        self._changes.append(detail)
        self._out.append(Drifted(self.params.name, detail))
        self._rollout.adopt(found.generation if found else 0, None, frozenset())

    def _decide(self, now: float) -> None:
        lineup = self._members.lineup(now)
        if lineup.mode is not self._mode:
            if self._mode is not None or lineup.mode is not Mode.NORMAL:
                self._out.append(ModeChanged(self.params.name, lineup.mode, _DETAILS[lineup.mode]))
            self._mode = lineup.mode
        self._rollout.want(lineup, digest(self.params, lineup), now)
        if self._rollout.state is RolloutState.LIVE:
            self._changes.clear()
        attempt = self._rollout.due(now)
        if attempt is not None:
            self._out.append(self._apply(attempt, lineup))

    def _apply(self, attempt: Attempt, lineup: Upstream) -> Apply:
        number = attempt.generation
        self._reason = self._sentence()
        self._changes.clear()
        return Apply(
            pool=self.params.name,
            generation=number,
            text=render(self.params, lineup, number),
            token=token(self.params, number, attempt.wanted.digest),
            reason=self._reason,
        )

    def _sentence(self) -> str:
        named = list(dict.fromkeys(self._changes)) or ["slow start"]
        more = f" and {len(named) - _REASONS} more" if len(named) > _REASONS else ""
        return "; ".join(named[-_REASONS:]) + more

    def _applied(self, answer: Applied, now: float) -> None:
        attempt = self._rollout.finished(answer.result, now, reloaded=answer.reloaded)
        if attempt is None:
            return
        self._last = answer.result
        self._out.append(
            Reloaded(
                pool=self.params.name,
                generation=answer.generation,
                result=answer.result,
                in_service=attempt.wanted.lineup.in_service,
                reason=self._reason,
                detail=answer.detail,
                seconds=now - attempt.wanted.noticed_at,
                counts=answer.reloaded and answer.counts,
            )
        )
        if answer.result is ReloadResult.LIVE:
            self._detail = self._reason
        else:
            # The reason stands until an attempt succeeds.
            self._detail = f"{answer.result}: {answer.detail}"
            self._changes.insert(0, self._reason)

    def _note_state(self, now: float) -> None:
        state = self._rollout.state
        if state is not self._state:
            self._state, self._since = state, now
