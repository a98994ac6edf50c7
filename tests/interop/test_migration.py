"""docs/migrate.md, typed command by command into two hosts with keepalived and nginx, under a client."""

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.interop.promise import Outcome
from tests.netns.bounds import BUSY, LAN, LATE, WAKES, skew
from tests.netns.chroot import FOLDER, inside
from tests.netns.lab import wait_until
from tests.netns.webserver import PORT, await_listening, nginx
from tests.sample import rest
from tests.walk.compose import Compose
from tests.walk.network import Client, Network
from tests.walk.page import ROOT, Step, steps
from tests.walk.units import Units
from tests.walk.walker import Walker, logs

pytestmark = [pytest.mark.interop, pytest.mark.timing, pytest.mark.timeout(240)]

PAGE = "docs/migrate.md"
VIP = "192.0.2.100"
HOSTS = {"lb1": "192.0.2.11/24", "lb2": "192.0.2.12/24"}
CHECK = """\
vrrp_script nginx {{
    script "/usr/bin/curl -fsS -o /dev/null -m 1 http://127.0.0.1:{port}/"
    interval 1
    timeout 1
    fall 2
    rise 2
}}
"""
CONF = """\
global_defs {{
    router_id {name}
    script_user root
    enable_script_security
}}
{check}
vrrp_instance VI_1 {{
    state {state}
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    {keys}
    virtual_ipaddress {{
        192.0.2.100/24
    }}
}}
"""


LISTENS = ":0070 "
"""In /proc/net/raw: a socket of protocol 112, which hears the resignation that may be next."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the hosts run before they move."""

    command: Sequence[str]
    priorities: tuple[int, int]
    keys: Callable[[str], str]
    check: str = ""
    shown: bool = False
    """Whether it is the pair of the page, so that what it prints must be what the page shows."""


def with_password(_: str) -> str:
    return "authentication {\n auth_type PASS\n auth_pass 1111\n }\n track_script {\n nginx\n }"


def unicast(name: str) -> str:
    (peer,) = HOSTS.keys() - {name}
    own, other = (HOSTS[each].partition("/")[0] for each in (name, peer))
    return f"version 3\n unicast_src_ip {own}\n unicast_peer {{\n {other}\n }}"


DEBIAN = Before(
    ["keepalived", "--dont-fork", "--vrrp"], (100, 90), with_password, CHECK.format(port=PORT), shown=True
)
NEXT = Before(
    inside(Path("/etc/keepalived"), ["keepalived", "-n", "-P", "-f", f"{FOLDER}/keepalived.conf"]),
    (250, 240),
    unicast,
)


@dataclass(slots=True)
class Pair:
    """Both hosts, and who asks them."""

    network: Network
    walker: Walker
    client: Client
    standby: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def move(self, step: Step, server: str) -> None:
        """Type a line that changes who serves, wait until this host does alone, and look at the effect."""
        mark, since = self.client.journal.mark, time.monotonic()
        before = self.network.holders()
        self.walker.type(step)
        wait_until(lambda: self.network.holders() == [server], 15, f"{server} has the VIP: {step}")
        self.client.await_server(server, 5)
        if "enable --now keepalived" in step.line:
            machine = self.network.machines[step.host]
            wait_until(lambda: LISTENS in machine.run("cat", "/proc/net/raw"), 15, f"it listens: {step}")
        time.sleep(0.3)
        found = Outcome(self.client.gap(mark, since), self.network.overlap(since))
        self.outcomes[f"{step.host}: {step.line}"] = found
        grace = BUSY + WAKES * self.network.late(since)
        limit = self._limit(before == [server], "stop" in step.line or "disable" in step.line)
        if found.gap > limit.gap + grace or found.both > (limit.both + grace if limit.both else 0.0):
            self.faults.append(f"{step.place}: {step.host}: {step.line}: {found} is beyond {limit}, {grace=}")

    def _limit(self, stays: bool, stops: bool) -> Outcome:
        if stays:
            return Outcome(LATE, 0.0)
        if stops:
            return Outcome(skew(self.standby, 1.0) + LATE, 0.0)
        return Outcome(LAN + LATE, LAN + LATE)


def scp(network: Network, words: Sequence[str], folder: Path) -> str:
    """Copy to another machine's folder; `words` are those of scp."""
    *sources, target = [word for word in words[1:] if word != "-r"]
    name, _, path = target.removeprefix("root@").partition(":")
    machine = network.machines[name]
    for file in (found for source in sources for found in folder.glob(source)):
        there = machine.folder / (path or file.name)
        if path.startswith("/"):
            machine.run("cp", str(file), path)
        elif file.is_dir():
            shutil.copytree(file, there)
        else:
            shutil.copy(file, there)
    return ""


def built(stack: ExitStack, before: Before, folder: Path) -> Pair:
    """The pair as it was, with keepalived."""
    network = Network(stack, {**HOSTS, "admin": "192.0.2.9/24"}, VIP, folder)
    admin = network.machines["admin"]
    admin.typed["scp"] = lambda words: scp(network, words, admin.folder)
    for name, state, priority in zip(HOSTS, ("MASTER", "BACKUP"), before.priorities, strict=True):
        machine = network.machines[name]
        keys = before.keys(name)
        text = CONF.format(name=name, state=state, priority=priority, keys=keys, check=before.check)
        (machine.folder / "packaging").symlink_to(ROOT / "packaging")
        (admin.folder / name).mkdir()
        (admin.folder / name / "keepalived.conf").write_text(text, encoding="ascii")
        machine.run("mkdir", "-p", "/etc/keepalived")
        machine.run("cp", str(admin.folder / name / "keepalived.conf"), "/etc/keepalived")
        server = nginx(machine.namespace, name, machine.folder / "nginx")
        stack.callback(server.kill)
        server.start()
        await_listening(machine.namespace, server)
        Units(machine, {"keepalived": before.command})
        Compose(machine, "docker-compose.sidecar.yml")
        machine.type("systemctl start keepalived")
    wait_until(lambda: network.holders() == ["lb1"], 15, "keepalived of lb1 has the VIP alone")
    client = network.client(PORT)
    client.await_server("lb1", 10)
    walker = Walker(network.machines, {"both": tuple(HOSTS)}, exact=before.shown)
    return Pair(network, walker, client, before.priorities[1])


@dataclass(frozen=True, slots=True)
class Way:
    """How the sidecar is run: headings of the page, each with the host that must serve after each line."""

    before: str
    standby: tuple[str, Sequence[str]]
    serving: tuple[str, Sequence[str]]
    back: tuple[str, Sequence[str]]


_SERVERS = (["lb1"] * 4, ["lb1", "lb2", "lb2", "lb1", "lb1"], ["lb1", "lb1", "lb2", "lb1"])
DOCKER, SYSTEMD = (
    Way(before, *zip(headings, _SERVERS, strict=True))
    for before, *headings in (
        ("Before", "1. The standby", "2. The host that serves", "Back"),
        (
            "Before, without Docker",
            "The standby, without Docker",
            "The host that serves, without Docker",
            "Back, without Docker",
        ),
    )
)


@pytest.mark.parametrize(
    ("before", "way"),
    [
        rest(DEBIAN, DOCKER, name="2.2.7"),
        pytest.param(NEXT, DOCKER, id="2.3.3"),
        pytest.param(DEBIAN, SYSTEMD, id="without Docker"),
    ],
)
def test_a_pair_moves_and_goes_back_as_the_page_says(before: Before, way: Way, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with ExitStack() as stack:
        pair = built(stack, before, tmp_path)
        try:
            pair.walker.walk(steps(PAGE, way.before))
            half_way_back = steps(PAGE, way.back[0])[:2]
            for step in [*steps(PAGE, way.standby[0]), *half_way_back]:
                pair.move(step, "lb1")
            for heading, servers in (way.standby, way.serving, way.back):
                for step, server in zip(steps(PAGE, heading), servers, strict=True):
                    pair.move(step, server)
        except BaseException as error:
            error.add_note(logs(tmp_path))
            raise
        for line, outcome in pair.outcomes.items():
            print(f"gap {outcome.gap * 1000:6.0f} ms, both {outcome.both * 1000:4.0f} ms: {line}")
        assert not pair.faults
