"""Locks between sidecars of one network namespace: abstract unix sockets, freed by the kernel alone.

Modules: net.kernel.small_file.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

import pytest

from sidecar.core.params import RouterParams
from sidecar.net.router_lock import Held, RouterLocks, _wanted

ROOT = Path(__file__).parents[3]
ROUTER = RouterParams("web", f"test{os.getpid()}"[:15], 51, 100, (IPv4Interface("192.0.2.100/24"),))
OTHER = replace(ROUTER, vrid=52, addresses=(IPv4Interface("192.0.2.101/24"),))
HOLD = """\
import sys
from ipaddress import IPv4Interface
from sidecar.core.params import RouterParams
from sidecar.net.router_lock import RouterLocks
locks = RouterLocks()
locks.acquire([RouterParams("web", sys.argv[1], 51, 100, (IPv4Interface("192.0.2.100/24"),))], print)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder() -> Iterator[subprocess.Popen[str]]:
    """Another process that has the locks of ROUTER."""
    argv = [sys.executable, "-c", HOLD, ROUTER.interface]
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()
            process.wait()


def taken(*routers: RouterParams, wait: float = 0.0) -> str:
    """Why the locks cannot be had; "" if they can."""
    locks, told = RouterLocks(), list[str]()
    try:
        locks.acquire(routers, told.append, wait)
    except Held as held:
        assert not locks._sockets, "none is kept"
        return str(held)
    finally:
        locks.close()
    assert told == []
    return ""


@pytest.mark.parametrize(
    ("router", "what"),
    [
        (ROUTER, f"VRID 51 of IPv4 on {ROUTER.interface}"),
        (replace(ROUTER, vrid=52), "the VIP 192.0.2.100"),
        (replace(ROUTER, interface="elsewhere0"), "the VIP 192.0.2.100"),
        (replace(ROUTER, addresses=OTHER.addresses), f"VRID 51 of IPv4 on {ROUTER.interface}"),
    ],
    ids=["same", "other VRID", "other interface", "other VIP"],
)
def test_who_has_a_router_or_a_vip_is_named(router: RouterParams, what: str) -> None:
    with holder() as process:
        said = taken(router)
        assert said.startswith(f"another sidecar in this network namespace has {what} already: ")
        assert f"process {process.pid} ({sys.executable} -c import sys" in said
        assert taken(OTHER) == "", "another router is free"


def test_the_kernel_frees_the_locks_of_who_is_killed_at_once() -> None:
    with holder() as process:
        assert taken(ROUTER)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert taken(ROUTER) == ""


def test_the_end_of_a_sidecar_that_is_just_stopping_is_awaited() -> None:
    with holder() as process:
        ending = subprocess.Popen(["sh", "-c", f"sleep 0.7; kill -9 {process.pid}"])
        began = time.monotonic()
        try:
            assert f"process {process.pid} " in taken(ROUTER, wait=0.2)
            assert taken(ROUTER, wait=10) == ""
        finally:
            ending.wait()
        assert time.monotonic() - began > 0.2


def test_two_routers_of_one_process_want_no_lock_twice() -> None:
    assert taken(ROUTER, OTHER) == ""
    assert "(" not in taken(ROUTER, replace(ROUTER, name="app"))
    app = replace(ROUTER, name="app", addresses=OTHER.addresses)
    assert taken(ROUTER, app).startswith(
        f"routers web and app both have VRID 51 of IPv4 on {ROUTER.interface}"
    )


def test_a_link_local_address_of_ipv6_is_another_one_on_each_link() -> None:
    six = replace(ROUTER, addresses=(IPv6Interface("fe80::100"), IPv6Interface("fd77::100")))
    assert {name for name in _wanted([six]) if name.startswith("vip/")} == {
        f"vip/fe80::100%{ROUTER.interface}",
        "vip/fd77::100",
    }
    mac = replace(ROUTER, virtual_mac=True)
    assert "interface/vrrp4-51" in _wanted([mac])


def test_more_routers_than_a_process_may_have_files_are_no_trouble() -> None:
    many = [
        RouterParams(
            f"r{n}", ROUTER.interface, 1 + n, 100, tuple(IPv4Interface(f"198.18.{n}.{i}") for i in range(8))
        )
        for n in range(200)
    ]
    assert taken(*many) == ""


def test_whoever_has_asked_too_often_still_sees_that_it_is_taken() -> None:
    with holder() as process:
        for _ in range(20):
            said = taken(ROUTER)
        assert said.endswith("or give this router another VRID and other addresses")
        assert "the kernel does not tell" in said
        assert str(process.pid) not in said


SQUAT = """\
import os, socket, sys
os.setuid(65534)
taken = socket.socket(socket.AF_UNIX)
taken.bind(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user: run as root")
def test_who_takes_a_name_and_does_not_listen_is_no_sidecar() -> None:
    name = f"\0vip-sidecar/vrid/{ROUTER.interface}/4/51".replace("\0", "@")
    code = SQUAT.replace("sys.argv[1]", 'sys.argv[1].replace("@", chr(0))')
    argv = [sys.executable, "-S", "-c", code, name]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as squatter:
        assert squatter.stdout is not None
        assert squatter.stdout.readline() == "held\n"
        locks, told = RouterLocks(), list[str]()
        locks.acquire([ROUTER], told.append, 0.1)
        assert len(locks._sockets) == 1, "that of the VIP"
        locks.close()
        (said,) = told
        assert said.startswith("a process that answers nobody pretends to have VRID 51 of IPv4 on ")


def test_where_files_are_few_the_vrids_are_guarded_and_files_are_left_for_the_rest() -> None:
    """In a process of its own: what is given up of a limit is gone."""
    code = """\
import resource, sys
from ipaddress import IPv4Interface
from sidecar.core.params import RouterParams
from sidecar.net.router_lock import RouterLocks
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
vips = tuple(IPv4Interface(f"192.0.2.{n}/24") for n in range(1, 200))
locks, told = RouterLocks(), []
locks.acquire([RouterParams("web", sys.argv[1], 51, 100, vips)], told.append, 0)
print(len(locks._sockets), len(told), told[0].split(":")[0])
"""
    argv = [sys.executable, "-c", code, ROUTER.interface]
    said = subprocess.run(argv, check=True, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    assert said.stdout == (
        "50 1 cannot make sure that no other sidecar has all 200 VRIDs and VIPs, but only the first 50\n"
    )


def test_an_exchange_takes_what_is_new_before_and_frees_what_is_gone_afterwards() -> None:
    locks, told = RouterLocks(), list[str]()
    locks.acquire([ROUTER], told.append)
    kept = dict(locks._sockets)
    more = replace(ROUTER, addresses=(*ROUTER.addresses, *OTHER.addresses))
    locks.acquire([more], told.append, wait=0)
    assert locks._sockets.keys() > kept.keys()
    assert {name: locks._sockets[name] for name in kept} == kept
    assert "the VIP 192.0.2.101" in taken(OTHER)
    locks.keep([replace(more, addresses=OTHER.addresses)])
    assert taken(replace(OTHER, addresses=ROUTER.addresses)) == ""
    assert "the VIP 192.0.2.101" in taken(OTHER)
    locks.close()
    assert told == []


def test_an_exchange_that_is_refused_keeps_what_was_held_and_nothing_else() -> None:
    with holder():
        locks = RouterLocks()
        locks.acquire([OTHER], lambda _: None)
        held = dict(locks._sockets)
        third = replace(OTHER, vrid=53, addresses=(*ROUTER.addresses, IPv4Interface("192.0.2.103/24")))
        with pytest.raises(Held, match=r"has the VIP 192\.0\.2\.100 already"):
            locks.acquire([OTHER, third], lambda _: None, wait=0)
        assert locks._sockets == held
        # Locks of a plan that is not applied are freed again.
        fourth = replace(OTHER, vrid=54, addresses=(IPv4Interface("192.0.2.104/24"),))
        locks.acquire([OTHER, fourth], lambda _: None, wait=0)
        locks.keep([OTHER])
        assert locks._sockets == held
        locks.close()


def test_200_exchanges_of_locks_leave_no_descriptor_behind() -> None:
    locks = RouterLocks()
    locks.acquire([ROUTER], lambda _: None)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for index in range(200):
        routers = [ROUTER, OTHER] if index % 2 else [replace(ROUTER, vrid=60)]
        locks.acquire(routers, lambda _: None, wait=0)
        locks.keep(routers)
    locks.acquire([ROUTER], lambda _: None, wait=0)
    locks.keep([ROUTER])
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    locks.close()
