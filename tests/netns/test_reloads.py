"""Reloads again and again, valid and not, at random phases. `make reloads` has 1,000 of them."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.netns.bounds import WAKES
from tests.netns.lab import CLOSELY, PATIENT, Lab, wait_until
from tests.netns.lan import GATEWAY
from tests.netns.on_time import control, lateness, p99
from tests.netns.processes import await_observer
from tests.netns.reloading import Reloading
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, router_status

RELOADS = int(os.environ.get("RELOADS", "20"))
A = 0.1
UNNOTICED = 0.1
MEMORY = 4 * 1024
"""KiB by which a process may grow from the tenth part of the reloads to the last one."""

pytestmark = [
    pytest.mark.netns,
    pytest.mark.alone,
    pytest.mark.timing,
    pytest.mark.timeout(300 + 8 * RELOADS),
]


def toggle(where: dict[str, Any], key: str, value: object) -> None:
    """Put it there, or take it away if it is there."""
    if key in where:
        del where[key]
    else:
        where[key] = value


def change(config: Reloading, dice: random.Random) -> None:
    """Change something that moves no VIP of the client."""
    document, router, vip = config.document, config.router, config.router["addresses"][:1]
    second = {"interface": "eth0", "vrid": 52, "priority": 100, "addresses": ["10.77.0.200"]}
    gateway = {"icmp": GATEWAY, "every": "1s", "weight": -5}
    more = ["10.77.0.101"] if router["addresses"] == vip else []
    changes: list[Callable[[], None]] = [
        lambda: router.update(priority=dice.randrange(246, 254)),
        lambda: router.update(addresses=[*vip, *more]),
        lambda: toggle(router, "preempt_delay", "1s"),
        lambda: toggle(document["virtual_routers"], "db", second),
        lambda: toggle(document["checks"], "uplink", {"link": "eth0"}),
        lambda: toggle(document["checks"], "gateway", gateway),
        lambda: document["checks"]["http"].update(rise=dice.randrange(1, 9)),
        lambda: document["log"].update(level=dice.choice(["debug", "info"])),
        lambda: document["http"].update(listen=f"127.0.0.1:{dice.randrange(9650, 9660)}"),
    ]
    dice.choice(changes)()


def memory(pid: int) -> int:
    """KiB that the process has of its own."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def all_open(router: int) -> bool:
    """Whether the packet sockets are open: announcements, what is overheard, questions about the VIPs."""
    _, *sockets = Path(f"/proc/{router}/net/packet").read_text().splitlines()
    return len(sockets) == 3


def test_many_reloads_at_random_moments() -> None:
    dice = random.Random(int(os.environ.get("RELOADS_SEED", "10")))  # noqa: S311  # repeatable
    with Lab(Setup(interval=A, checks=NGINX_CHECKS), patience=PATIENT, every=CLOSELY) as lab:
        lab.start()
        lab.settle()
        a = lab.hosts["a"]
        config, router, mark = Reloading(a), a.daemon.pid, lab.witness.mark
        observer = await_observer(router)
        base = config.file.read_text()
        config.reload()
        wait_until(lambda: all_open(router), 30, "the router listens and asks")
        pids, grown, since = (router, observer), list[tuple[int, int]](), time.monotonic()
        open_before = [descriptors(pid) for pid in pids]
        outcomes: dict[str, int] = {}
        with control(A) as beside:
            for number in range(RELOADS):
                wrong = dice.random() < 0.3
                if wrong:
                    config.write(dice.choice(["virtual_routers: [", "", base.replace("vrid: 51", "vrid: 0")]))
                else:
                    change(config, dice)
                    config.write(renamed=dice.random() < 0.5)
                time.sleep(dice.uniform(0.0, A))
                if dice.random() < 0.5:
                    result = config.hang_up()["result"]
                else:
                    result = config.reload(*(["--dry-run"] if dice.random() < 0.2 else []))[1]["result"]
                outcomes[result] = outcomes.get(result, 0) + 1
                assert (result == "refused") is wrong, (number, result)
                if number == RELOADS // 10 or number == RELOADS - 1:
                    grown.append((memory(router), memory(observer)))
        config.write(base)
        # What the observer shows is read at the port of the first file.
        config.hang_up()
        time.sleep(1.0)
        seen, answers = lab.witness.since(mark), lab.client.since()
        stamps = [each.about["stamp"] for each in seen if each.is_("advert", "a", vrid=51)]
        late, gap = lateness(stamps, A), longest_gap(answers, since)
        open_after = [descriptors(pid) for pid in pids]
        print(
            f"{RELOADS} reloads {outcomes}: longest gap {gap:.3f} s; "
            f"{len(late)} adverts: p99 {p99(late):.4f} s, worst {max(late):.4f} s; "
            f"control: p99 {p99(beside.late):.4f} s, worst {max(beside.late):.4f} s; "
            f"KiB of router and observer {grown}; descriptors {open_before} {open_after}"
        )
        vip = lab.setup.vip
        assert await_observer(router) == observer
        assert not [each for each in seen if each.is_("removed", address=vip)]
        assert lab.holders() == ["a"]
        assert router_status(a.namespace)["state"] == "MASTER"
        assert gap < UNNOTICED + lab.grace(since)
        assert p99(late) <= p99(beside.late) + 0.010
        assert max(late) <= A / 2 + WAKES * max(beside.late)
        assert open_after[0] <= open_before[0]
        # A connection to a check's target, and the socket of ICMP checks, which stays after the last of them.
        assert open_after[1] <= open_before[1] + 2
        assert all(last - first <= MEMORY for first, last in zip(*grown, strict=True)), grown
