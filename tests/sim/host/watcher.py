"""What a host tells to whoever watches it. It knows no monitor."""

from typing import Protocol, TypeVar

from sidecar.core.actions import Action, Command, Transition
from sidecar.core.events import Event

H_contra = TypeVar("H_contra", contravariant=True)


class Watcher(Protocol[H_contra]):
    """Is told at once; what is said to be about to happen has not happened yet."""

    def restarted(self, host: H_contra) -> None:
        """A process has been started."""

    def died(self, host: H_contra, *, clean: bool) -> None:
        """A process has ended; `clean`: as it was asked to."""

    def frozen(self, host: H_contra) -> None:
        """A process stands still."""

    def thawed(self, host: H_contra, slept: float) -> None:
        """A process goes on after so many seconds."""

    def unready(self, host: H_contra) -> None:
        """A host cannot be asked to serve from now on."""

    def link_changed(self, host: H_contra) -> None:
        """The cable was pulled or put back, or a firewall was changed."""

    def reloaded(self, host: H_contra) -> None:
        """A host has other parameters."""

    def draining(self, host: H_contra) -> None:
        """An operator is about to drain a host."""

    def judging(self, host: H_contra, name: str, *, good: bool) -> None:
        """The target of a check is about to change."""

    def doubted(self, host: H_contra) -> None:
        """The verdicts of a host are about to change, or certain again."""

    def arrives(self, host: H_contra, event: Event) -> None:
        """A packet or an observation reaches a host."""

    def before_step(self, host: H_contra, events: list[Event], now: float) -> None:
        """A step of the core begins."""

    def stepped(self, host: H_contra, events: list[Event], actions: list[Action], now: float) -> None:
        """It is over, and nothing of what follows from it was done yet."""

    def performed(self, host: H_contra, command: Command) -> None:
        """A command is being carried out, now."""

    def told(self, host: H_contra, *, heard: bool) -> None:
        """The kernel has sent an advertisement or a trial, or has refused it."""

    def moved(self, host: H_contra, transition: Transition) -> None:
        """A transition was told."""
