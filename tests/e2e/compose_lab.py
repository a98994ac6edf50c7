"""The compose lab under observation: brought up as a user would, watched and broken from outside.

Needs root: the instruments enter the containers' network namespaces.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.netns.bounds import WAKES
from tests.netns.journal import Journal
from tests.netns.sightings import Answer, Hold, Sighting, holds, longest_gap
from tests.netns.watching import watch

ROOT = Path(__file__).resolve().parents[2]
VIP, PORT = "10.77.0.100", 8088
ADDRESSES = {"a": "10.77.0.11", "b": "10.77.0.12"}
SERVING_WITHIN = 60.0
_TRY_EVERY, _TRY_TIMEOUT = 0.005, 0.2
_STEADY = 0.5
_BEFORE = 400
"""Tries to look back for the last answer before an event."""


def run(
    *argv: str, env: Mapping[str, str] | None = None, ok: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a program at the repository root. RuntimeError with its output if it fails, unless not `ok`."""
    done = subprocess.run(
        argv, cwd=ROOT, env={**os.environ, **(env or {})}, check=False, text=True, capture_output=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if ok and done.returncode:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


@contextmanager
def wire() -> Iterator[str]:
    """A veth pair of our own for the lab's network, unless LAB_PARENT names one; yields the parent's name."""
    if given := os.environ.get("LAB_PARENT"):
        yield given
        return
    near, far = f"vl{os.getpid()}a", f"vl{os.getpid()}b"
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
    try:
        for end in (near, far):
            run("ip", "link", "set", end, "addrgenmode", "none")
            run("ip", "link", "set", end, "up")
        yield near
    finally:
        run("ip", "link", "del", near)


class ComposeLab:
    """Use as a context manager: up and serving inside, removed after it, whatever happened.

    Hosts are a (priority 250) and b (240). If the block fails, the containers' logs are attached to
    the exception. `settings` are environment variables of docker-compose.yml; `network` may be a bridge
    of Docker's instead of a macvlan. The client asks every so many seconds, and gives up after others.
    """

    def __init__(
        self,
        *,
        profiles: Sequence[str] = (),
        network: str = "macvlan",
        every: float = _TRY_EVERY,
        patience: float = _TRY_TIMEOUT,
        **settings: str,
    ) -> None:
        self._network = network
        self._every, self._patience = every, patience
        self._environment = {
            "COMPOSE_PROJECT_NAME": f"vip-lab-{os.getpid()}",
            "COMPOSE_PROFILES": ",".join(profiles),
            # nginx dies more often here than a flapping host may.
            "DAMPING": "false",
            "LOG_FORMAT": "json",
            **settings,
        }
        self._stack = ExitStack()
        self.serving_after = float("inf")
        self._up_at = time.time()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._network == "bridge":
                files = os.environ.get("COMPOSE_FILE", "docker-compose.yml")
                self._environment["COMPOSE_FILE"] = f"{files}:lab/bridge.yml"
            else:
                self._environment["LAB_PARENT"] = stack.enter_context(wire())
            self.compose("build", "--quiet")
            stack.callback(self._down)
            started, self._up_at = time.monotonic(), time.time()
            # The instruments first: what they do not see from its beginning they cannot judge.
            self.compose("up", "--detach", "--no-build", "client", *(f"host-{host}" for host in ADDRESSES))
            self.witness = self._watch(stack)
            self.client = self._ask(stack)
            self.compose("up", "--detach", "--no-build")
            try:
                self.await_server("a", SERVING_WITHIN / 3)
            except BaseException as error:
                error.add_note(self.logs())
                error.add_note(self.engine_events())
                raise
            self.serving_after = time.monotonic() - started
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                error.add_note(self.logs())

    def compose(self, *words: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run docker compose on this lab."""
        return run("docker", "compose", *words, env=self._environment, ok=ok)

    def _down(self) -> None:
        self.compose(
            "--profile",
            "monitoring",
            "--profile",
            "proxy",
            "down",
            "--volumes",
            "--remove-orphans",
            "--timeout",
            "2",
        )

    def logs(self) -> str:
        """The last lines of every container except the client."""
        services = [f"{kind}-{host}" for kind in ("sidecar", "nginx") for host in ADDRESSES]
        return self.compose("logs", "--no-color", "--tail", "60", *services, ok=False).stdout

    def engine_events(self) -> str:
        """What the engine did to containers and networks since this lab was brought up."""
        since, until = str(int(self._up_at)), str(int(time.time()) + 1)
        kinds = ("--filter", "type=container", "--filter", "type=network")
        told = run("docker", "events", "--since", since, "--until", until, *kinds, ok=False).stdout
        return "\n".join(line for line in told.splitlines() if " exec_" not in line)

    def done(self, action: str, since: float) -> dict[str, float]:
        """When the engine last did this to each container after a moment of the wall clock: by its clock."""
        span = ("--since", str(int(since)), "--until", f"{time.time():.3f}")
        template = "{{.Actor.Attributes.name}} {{.TimeNano}}"
        told = run("docker", "events", *span, "--filter", f"event={action}", "--format", template).stdout
        return {name: int(at) / 1e9 for name, at in map(str.split, told.splitlines())}

    def inside(self, container: str) -> list[str]:
        """Words before a command that run it in the network namespace of a container."""
        return ["nsenter", "--target", inspect(container, "{{.State.Pid}}"), "--net"]

    def get(self, host: str, path: str) -> str:
        """The answer of a host's status server inside that host, whatever network it has."""
        argv = [*self.inside(f"sidecar-{host}"), "curl", "-sS", "--max-time", "10"]
        return run(*argv, f"http://127.0.0.1:9650{path}").stdout

    @property
    def client_container(self) -> str:
        return self.compose("ps", "--quiet", "client").stdout.strip()

    def _watch(self, stack: ExitStack) -> Journal[Sighting]:
        observer = inspect(self.client_container, "{{.State.Pid}}")
        hosts = {host: inspect(f"host-{host}", "{{.State.Pid}}") for host in ADDRESSES}
        return watch(stack, VIP, observer, observer, hosts)

    def _ask(self, stack: ExitStack) -> Journal[Answer]:
        argv = [*self.inside(self.client_container), sys.executable, str(ROOT / "lab" / "client.py")]
        argv += ["--json", "--every", str(self._every), "--timeout", str(self._patience), f"{VIP}:{PORT}"]
        client = Journal(
            subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE),
            lambda at, started, who, error: Answer(at, started, who.removeprefix("host-"), error),
        )
        stack.callback(client.close)
        return client

    def await_server(self, name: str, within: float, mark: int | None = None) -> Answer:
        """Wait until a host answers the client."""
        start = self.client.mark if mark is None else mark
        return self.client.wait(lambda answer: answer.who == name, within, start, f"an answer of {name}")

    def settle(self, within: float = 40.0) -> None:
        """Wait until host a alone has the VIP and alone has answered for half a second."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            mark = self.client.mark
            time.sleep(_STEADY)
            seen = self.client.since(mark)
            if seen and all(answer.who == "a" for answer in seen) and self.holders() == ["a"]:
                return
        raise TimeoutError(f"host a does not serve alone; holding the VIP: {self.holders()}")

    def gap_until(self, name: str, within: float, mark: int, since: float) -> float:
        """Wait until a host answers, look on a little, and return the longest gap after `since`, in seconds.

        `mark` is the client's, taken with `since` before the event.
        """
        self.await_server(name, within, mark)
        time.sleep(_STEADY)  # a second gap counts too
        return longest_gap(self.client.since(max(0, mark - _BEFORE)), since)

    def late(self, since: float) -> float:
        """What a busy machine may add to a bound on what happened since then, by the witness's own timer."""
        found = [event for event in self.witness.since() if event.kind == "late" and event.at > since]
        return WAKES * max((event.about["by"] for event in found), default=0.0)

    def holds(self) -> list[Hold]:
        """Hosts that had the VIP in their kernel, and times."""
        return holds(self.witness.since(), VIP)

    def holders(self) -> list[str]:
        """Present holders of the VIP."""
        return [hold.host for hold in self.holds() if hold.end == float("inf")]


def inspect(container: str, template: str) -> str:
    """One value of `docker inspect`."""
    return run("docker", "inspect", "--format", template, container).stdout.strip()
