"""docs/hosts.md under a real systemd: the shipped unit with its sandbox, typed command by command.

In every run of the tests tests/netns/test_hosts.py types the same, with a stand-in for systemd.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.booted_hosts import HOSTS, UNIT, Hosts, booted_hosts, holders, settle
from tests.netns.lab import wait_until
from tests.walk.page import steps
from tests.walk.walker import Walker

pytestmark = [pytest.mark.e2e, pytest.mark.whole, pytest.mark.timeout(600)]

PAGE = "docs/hosts.md"
CONFIG = "/etc/vip-sidecar/config.yaml"
TO_SERVE = "0000000000003000"
"""NET_ADMIN and NET_RAW, as /proc/PID/status shows them."""
NOTHING = "0000000000000000"
FILTERED = "2"
EVERYTHING = """
checks:
  http: {http: "http://127.0.0.1:8088/", every: 200ms, timeout: 200ms}
  gateway: {icmp: 192.0.2.1, every: 1s}
  cable: {link: eth0}
  port: {tcp: "127.0.0.1:8088"}
  nginx: {process: nginx}
  program: {exec: [/etc/vip-sidecar/check.sh], every: 1s, timeout: 900ms}
state: {dir: /var/lib/vip-sidecar}
"""
CHECK = """#!/bin/sh
# As nobody, without a right, on a host where it can write to its own /tmp alone.
set -e
[ "$(id -u)" = 65532 ]
grep -q '^NoNewPrivs:.1$' /proc/self/status
! touch /etc/vip-sidecar/x 2>/dev/null
touch /tmp/written
"""
HOOK = """#!/bin/sh
echo "$VIP_SIDECAR_HOOK $*" >>/tmp/told
"""
SCRIPTS = {"/etc/vip-sidecar/check.sh": CHECK, "/etc/vip-sidecar/hook.sh": HOOK}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Both, as the page sets them up."""
    with booted_hosts(tmp_path_factory.mktemp("booted")) as made:
        walk(made.hosts, "First", "Install", "Start")
        settle(made.hosts)
        yield made.hosts


@pytest.fixture(autouse=True)
def rest(hosts: Hosts, request: pytest.FixtureRequest) -> None:
    """Each test finds lb1 serving and lb2 standing by."""
    if "removed" not in request.node.name:
        settle(hosts)


def walk(hosts: Hosts, *headings: str) -> None:
    """Type what stands under them. The wheel is built already."""
    walker = Walker(hosts, {"both": tuple(HOSTS)})
    for heading in headings:
        walker.walk([step for step in steps(PAGE, heading) if step.host != "admin"])


def test_each_process_has_the_user_and_the_rights_that_are_promised(hosts: Hosts) -> None:
    for host in hosts.values():
        own = host.run("id", "-u", "vip-sidecar").stdout.strip()
        router, observer = (host.status()["processes"][name] for name in ("router", "observer"))
        assert host.pid == router["pid"]
        held = host.process(router["pid"])
        assert set(held["Uid"].split()) == {own}
        assert (held["CapPrm"], held["CapEff"], held["CapBnd"]) == (TO_SERVE, TO_SERVE, TO_SERVE)
        assert (held["CapInh"], held["CapAmb"]) == (NOTHING, NOTHING)
        watching = host.process(observer["pid"])
        assert set(watching["Uid"].split()) == {"65532"}
        sets = ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")
        assert {watching[name] for name in sets} == {NOTHING}
        for process in (held, watching):
            assert (process["NoNewPrivs"], process["Seccomp"]) == ("1", FILTERED)


def test_the_sandbox_is_there(hosts: Hosts) -> None:
    """Tried by root within what the router sees."""
    host = hosts["lb1"]
    inside = ("nsenter", "--target", str(host.pid), "--mount", "sh", "-c")
    for folder in ("/usr", "/etc/vip-sidecar", "/opt", "/var/lib"):
        refused = host.run(*inside, f"touch {folder}/written", ok=False)
        assert "Read-only file system" in refused.stderr, folder
    assert host.run(*inside, "touch /run/vip-sidecar/x && rm /run/vip-sidecar/x").returncode == 0
    assert host.run(*inside, "ls -A /home /root").stdout.split() == ["/home:", "/root:"]
    assert host.run("ls", "-A", "/home").stdout.split() == ["admin"]
    devices = host.run(*inside, "ls /dev").stdout.split()
    assert {"null", "urandom"} <= set(devices)
    assert not {"mem", "kmsg", "sda", "tty1"} & set(devices)
    for kind, most, controller in (("Tasks", 128, "pids"), ("Memory", 256 << 20, "memory")):
        assert int(host.shown(f"{kind}Max")) == most
        if controller in host.read("/sys/fs/cgroup/cgroup.controllers").split():
            assert int(host.shown(f"{kind}Current")) < most


def test_what_follows_a_start_is_answered_and_a_start_that_fails_is_told(hosts: Hosts) -> None:
    host = hosts["lb2"]
    for verb in ("restart", "stop", "start"):
        host.run("systemctl", verb, UNIT)
        # At once: whoever types both lines finds a sidecar that answers.
        assert bool(host.router) is (verb != "stop"), host.journal("--lines", "20")
    assert (host.shown("Type"), host.shown("NotifyAccess")) == ("notify", "main")
    assert (host.shown("ActiveState"), host.shown("SubState")) == ("active", "running")
    assert "Got notification message from" not in host.journal("--lines", "40"), "from the main process alone"
    good = host.read(CONFIG)
    host.write(CONFIG, good.replace("vrid: 51", "vrid: 999"))
    failed = host.run("systemctl", "restart", UNIT, ok=False)
    host.write(CONFIG, good)
    assert failed.returncode
    assert "vip-sidecar.service" in failed.stderr
    host.run("systemctl", "start", UNIT)


def test_the_manager_shows_both_processes_and_the_journal_tells_what_happened(hosts: Hosts) -> None:
    host = hosts["lb1"]
    said = host.run("systemctl", "status", "--no-pager", "--full", UNIT).stdout
    assert "Active: active (running)" in said
    assert "Virtual IP for nginx by VRRP" in said
    processes = host.status()["processes"]
    listed = set(re.findall(r"[├└]─\s*(\d+) ", said))
    assert {str(processes[name]["pid"]) for name in ("router", "observer")} <= listed
    lines = [json.loads(line) for line in host.journal("--output", "json").splitlines()]
    ours = [line for line in lines if line.get("SYSLOG_IDENTIFIER") == "vip-sidecar"]
    assert any("MASTER" in str(line["MESSAGE"]) for line in ours)
    assert host.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled"
    assert not host.shown("NRestarts").strip("0")


def test_a_reload_changes_the_process_that_runs_and_a_wrong_file_changes_nothing(hosts: Hosts) -> None:
    walk(hosts, "A change")
    host = hosts["lb2"]
    before, good = host.pid, host.read(CONFIG)
    host.write(CONFIG, good.replace("every: 500ms", "every: 400ms"))
    host.run("systemctl", "reload", UNIT)
    assert "checks.http.every 0.5s -> 0.4s" in host.journal("--lines", "20"), "the plan"
    host.write(CONFIG, good.replace("vrid: 51", "vrid: 999"))
    refused = host.run("systemctl", "reload", UNIT, ok=False)
    assert refused.returncode
    assert "vrid" in host.journal("--lines", "20")
    assert (host.shown("ActiveState"), host.status()["virtual_routers"][0]["vrid"]) == ("active", 51)
    host.write(CONFIG, good)
    host.run("systemctl", "reload", UNIT)
    assert host.pid == before


def test_a_stop_resigns_and_takes_the_address_away(hosts: Hosts) -> None:
    heard = 'vipsidecar_vrrp_priority_zero_received_total{router="web"}'

    def zeros() -> float:
        told = hosts["lb2"].run("curl", "-s", "127.0.0.1:9650/metrics").stdout
        return float(next(line for line in told.splitlines() if line.startswith(heard)).split()[-1])

    before = zeros()
    hosts["lb1"].run("systemctl", "stop", UNIT)
    assert not hosts["lb1"].has_the_vip
    assert hosts["lb1"].shown("Result") == "success"
    wait_until(lambda: holders(hosts) == ["lb2"], 5, "lb2 serves")
    assert zeros() == before + 1
    assert "resigned (priority 0)" in hosts["lb2"].router["reason"]
    hosts["lb1"].run("systemctl", "start", UNIT)
    settle(hosts)
    walk(hosts, "A stop")


def test_the_killed_router_is_started_again_and_serves_on(hosts: Hosts) -> None:
    """It is back within its lease, and then nobody changes; else the other host has served meanwhile."""
    host, other = hosts["lb1"], hosts["lb2"]
    killed, restarts = host.pid, int(host.shown("NRestarts"))
    observer = host.status()["processes"]["observer"]["pid"]
    since = other.router["since"]
    host.run("systemctl", "kill", "--kill-whom", "main", "--signal", "KILL", UNIT)
    wait_until(lambda: host.pid not in (0, killed), 10, "it is started again")
    settle(hosts)
    assert int(host.shown("NRestarts")) == restarts + 1
    assert host.run("test", "-e", f"/proc/{observer}", ok=False).returncode, "the old observer is gone"
    assert host.router["adopted"] == (other.router["since"] == since), host.journal("--lines", "40")


def test_a_wrong_file_at_a_start_is_left_to_a_person(hosts: Hosts) -> None:
    host = hosts["lb2"]
    good = host.read(CONFIG)
    host.write(CONFIG, good.replace("vrid: 51", "vrid: 999"))
    host.run("systemctl", "restart", UNIT, ok=False)
    wait_until(lambda: host.shown("ActiveState") == "failed", 10, "it has given up")
    assert (host.shown("ExecMainStatus"), host.shown("NRestarts")) == ("2", "0")
    assert "999" in host.journal("--lines", "20")
    host.write(CONFIG, good)
    host.run("systemctl", "start", UNIT)


def test_every_kind_of_check_hooks_and_kept_events_work_in_the_sandbox(hosts: Hosts) -> None:
    host = hosts["lb2"]
    good = host.read(CONFIG)
    for file, text in SCRIPTS.items():
        host.write(file, text)
        host.run("chmod", "755", file)
    routers = good.partition("checks:")[0]
    hooks = "    hooks: {on_check: [/etc/vip-sidecar/hook.sh], post_release: [/etc/vip-sidecar/hook.sh]}\n"
    host.write(CONFIG, routers + hooks + EVERYTHING)
    host.run("systemctl", "restart", UNIT)
    names = {"http", "gateway", "cable", "port", "nginx", "program"}
    said = {}

    def all_up() -> bool:
        said.update(host.status())
        return {check["name"] for check in said.get("checks", []) if check["up"]} == names

    try:
        wait_until(all_up, 15, "every check is up")
        wait_until(lambda: bool(host.router.get("hooks")), 10, "a hook has run")
        assert {hook["result"] for hook in host.router["hooks"]} == {"ok"}, host.router
        assert "not kept" not in json.dumps(host.status())
        kept = "/var/lib/vip-sidecar/events"
        assert host.run("stat", "--format", "%u", kept).stdout.strip() == "65532"
        host.run("systemctl", "stop", UNIT)
        # As a boot does it: what lies below /run is gone.
        host.run("rm", "-rf", "/run/vip-sidecar")
        host.run("systemctl", "start", UNIT)
        settle(hosts)
        events = json.loads(host.run("vip-sidecar", "events", "-o", "json").stdout)
        starts = [event for event in events["events"] if event["event"] == "started"]
        assert len(starts) > 1, events
    finally:
        host.write(CONFIG, good)
        host.run("systemctl", "restart", UNIT, ok=False)


def test_an_upgrade_and_the_way_back_are_as_typed(hosts: Hosts) -> None:
    hosts["lb2"].run("cp", "-a", "/opt/vip-sidecar-0.1.0", "/opt/vip-sidecar-0.2.0")
    walk(hosts, "An upgrade, and the way back")
    assert holders(hosts) == ["lb1"]


def test_it_is_removed_as_the_page_says(hosts: Hosts) -> None:
    walk(hosts, "Remove")
    assert holders(hosts) == []
    places = ("/etc", "/opt", "/run", "/tmp", "/usr", "/var")  # noqa: S108 - in the container
    for host in hosts.values():
        left = host.run("find", *places, "-xdev", "-name", "*vip-sidecar*").stdout.split()
        assert left == ["/etc/vip-sidecar"], "its configuration alone"
        assert host.run("id", "vip-sidecar", ok=False).returncode
