"""The status of each target, asked at once: bounded in time, in size and in how many are open.

A host that hangs, or answers something else, is unreadable, with the reason. It delays no other one.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.checks.resolve import Resolver
from sidecar.cli.fleet.targets import Target
from sidecar.observer.status_reader import DEADLINE, bounded, read_status
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import NodeTold, Unreadable

AT_ONCE: Final = 200
"""Connections that are open at the same time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a target, or why it is unreadable."""

    target: Target
    told: NodeTold | None
    fault: str = ""

    @property
    def name(self) -> str:
        """Its own name, or where it was asked."""
        return self.target.address if self.told is None else self.told.node or self.target.address


def ask_all(targets: Iterable[Target], deadline: float = DEADLINE) -> Mapping[Target, Answer]:
    """Ask each target once. Takes about as long as the slowest, at most `deadline` seconds for each 200."""
    return asyncio.run(_ask_all(tuple(targets), deadline))


async def _ask_all(targets: tuple[Target, ...], deadline: float) -> dict[Target, Answer]:
    places, resolver = asyncio.Semaphore(AT_ONCE), Resolver()

    async def one(target: Target) -> Answer:
        async with places:
            return await ask(target, resolver, deadline)

    return dict(zip(targets, await asyncio.gather(*map(one, targets)), strict=True))


async def ask(target: Target, resolver: Resolver, deadline: float = DEADLINE) -> Answer:
    """Ask one target. Takes at most `deadline` seconds and raises nothing."""
    try:
        async with bounded(deadline):
            addresses = await resolver.addresses(target.host)
            told = await read_status(Endpoint(target.host, target.port), addresses, resolver)
    except Unreadable as fault:
        return Answer(target, None, str(fault))
    except Exception as error:  # noqa: BLE001 - nothing that a host says may end the questions to the others
        return Answer(target, None, f"asking it failed: {type(error).__name__}: {error}")
    return Answer(target, told)
