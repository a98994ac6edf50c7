"""What happens to every pair now and then, and needs nobody. Each begins with host a serving."""

from collections.abc import Callable
from typing import Final

from tests.monitoring.promtool import TICK
from tests.monitoring.recording import ROUTER, Pair

QUARTER: Final = 900


def healthy(pair: Pair) -> None:
    pair.run(4 * QUARTER)


def failback(pair: Pair) -> None:
    """Host a is down for a minute; scrapes see the VIP on both, or on none, or two masters."""
    pair.run(300)
    pair.a.up = False
    pair.run(TICK)
    pair.b.master()
    pair.run(60)
    pair.a.boot()
    pair.a.backup()
    pair.run(TICK)
    pair.a.master()
    pair.run(TICK)
    pair.b.backup(masters=2)
    pair.run(TICK)
    pair.b.backup()
    pair.run(QUARTER)


def cold_boot(pair: Pair) -> None:
    """Both hosts come up within half a minute, the lesser one first, and unfit until checks have run.

    Its clock is set when it has refused the first signed adverts.
    """
    pair.a.up = pair.b.up = False
    pair.run(30)
    pair.b.boot()
    pair.b.unfit()
    pair.run(TICK)
    pair.b.fit()
    pair.b.master()
    pair.a.boot()
    pair.run(TICK)
    pair.a.master()
    pair.b.count("vrrp_adverts_dropped_total", 10, router=ROUTER, reason="auth_stale")
    pair.b.backup()
    pair.run(QUARTER)


def rolling_restart(pair: Pair) -> None:
    """Each sidecar is replaced by one of the next version, the standby first, with its image to be loaded."""
    pair.run(300)
    pair.b.up = False
    pair.run(45)
    pair.b.boot()
    pair.b.backup()
    pair.run(120)
    pair.a.up = False
    pair.b.master("priority_zero")
    pair.run(45)
    pair.a.boot()
    pair.a.backup()
    pair.run(TICK)
    pair.a.master()
    pair.b.backup()
    pair.run(QUARTER)


def drain(pair: Pair) -> None:
    """The serving host is drained for half an hour, and is back."""
    pair.run(300)
    pair.a.set("maintenance", 1)
    pair.a.backup()
    pair.b.master("priority_zero")
    pair.run(2 * QUARTER)
    pair.a.set("maintenance", 0)
    pair.run(TICK)
    pair.a.master()
    pair.b.backup()
    pair.run(QUARTER)


def drained_standby(pair: Pair) -> None:
    """The standby is drained for the rest of the hour, and its nginx is taken apart meanwhile."""
    pair.b.set("maintenance", 1)
    pair.run(TICK)
    pair.b.set("vrrp_priority_effective", 1, router=ROUTER)
    pair.run(3 * QUARTER)
    pair.b.set("vrrp_priority_effective", pair.b.priority, router=ROUTER)
    pair.b.set("maintenance", 0)
    pair.run(QUARTER)


def reload(pair: Pair) -> None:
    """A file with one VIP more reaches one host after the other, five minutes apart, the standby first."""
    pair.run(300)
    for host, serves in ((pair.b, False), (pair.a, True)):
        host.set("config_shared_hash", 1234)
        host.add_vip("10.77.0.101/32", held=serves)
        pair.run(300)
    pair.run(QUARTER)


def refused_reload(pair: Pair) -> None:
    """A file with a mistake is refused, and is mended within half a minute."""
    pair.run(300)
    pair.a.set("config_last_reload_successful", 0)
    pair.run(30)
    pair.a.set("config_last_reload_successful", 1)
    pair.run(QUARTER)


def docker_restart(pair: Pair) -> None:
    """The engine of the serving host is started anew: all containers are away for a minute."""
    pair.run(300)
    pair.a.up = False
    pair.b.master("priority_zero")
    pair.run(60)
    pair.a.boot()
    pair.a.backup()
    pair.a.unfit()
    pair.a.set("docker_connected", 0)
    pair.run(30)
    pair.a.set("docker_connected", 1)
    pair.a.fit()
    pair.a.master()
    pair.b.backup()
    pair.run(QUARTER)


def lost_scrapes(pair: Pair) -> None:
    """Prometheus does not reach the serving host for two minutes; the VIP is served."""
    pair.run(300)
    pair.a.up = False
    pair.run(120)
    pair.a.up = True
    pair.run(QUARTER)


def short_trouble(pair: Pair) -> None:
    """A check, a server of a pool, Docker and a sender are in trouble for a minute."""
    pair.run(300)
    for trouble in (1, 0):
        pair.b.set("check_up", not trouble, check="gateway", kind="icmp")
        pair.b.set("pool_servers", trouble, pool="app", state="down")
        pair.b.set("docker_connected", not trouble)
        pair.b.set("vrrp_refused_senders", trouble, router=ROUTER)
        pair.run(60)
    pair.run(QUARTER)


def nginx_restarted(pair: Pair) -> None:
    """nginx of the serving host is started anew: the VIP moves, and is back after twenty seconds."""
    pair.run(300)
    pair.a.unfit()
    pair.a.backup()
    pair.b.master("priority_zero")
    pair.run(2 * TICK)
    pair.a.fit()
    pair.a.master()
    pair.b.backup()
    pair.run(QUARTER)


def standby_rebooted(pair: Pair) -> None:
    """The kernel of the standby is updated, which takes two minutes."""
    pair.run(300)
    pair.b.up = False
    pair.run(120)
    pair.b.boot()
    pair.b.backup()
    pair.run(QUARTER)


def master_rebooted(pair: Pair) -> None:
    """The serving host loses its power for two minutes; nothing is heard of it meanwhile."""
    pair.run(300)
    pair.a.up = False
    pair.b.master()
    pair.b.set("vrrp_lan_findings", 1, router=ROUTER, kind="silent_master")
    pair.run(120)
    pair.a.boot()
    pair.a.master()
    pair.b.backup()
    pair.b.set("vrrp_lan_findings", 0, router=ROUTER, kind="silent_master")
    pair.run(QUARTER)


def program_replaced(pair: Pair) -> None:
    """keepalived makes room for a sidecar: both advertise for a moment; a hook works at the second try."""
    pair.run(300)
    for kind in ("other_speaker", "two_holders"):
        pair.b.set("vrrp_lan_findings", 1, router=ROUTER, kind=kind)
    pair.b.set("hook_failing", 1, router=ROUTER, hook="pre_acquire")
    pair.run(TICK)
    for kind in ("other_speaker", "two_holders"):
        pair.b.set("vrrp_lan_findings", 0, router=ROUTER, kind=kind)
    pair.run(2 * TICK)
    pair.b.set("hook_failing", 0, router=ROUTER, hook="pre_acquire")
    pair.run(QUARTER)


def killed_and_adopted(pair: Pair) -> None:
    """The serving sidecar is killed, and its successor goes on with the VIP: its counters begin at 0."""
    pair.run(300)
    pair.a.boot()
    pair.a.master()
    pair.run(QUARTER)


def observer_restarted(pair: Pair) -> None:
    """The observer ends twice."""
    pair.run(300)
    for _ in range(2):
        pair.a.count("observer_restarts_total")
        pair.run(60)
    pair.run(QUARTER)


def vip_removed_once(pair: Pair) -> None:
    """Somebody restarts the network of the host; its VIPs, of which it has many, are put back."""
    pair.run(300)
    pair.a.count("vip_external_changes_total", 20, router=ROUTER, change="removed")
    pair.run(QUARTER)


def cable_out(pair: Pair) -> None:
    """The cable of the standby is in another port within half a minute."""
    pair.run(300)
    pair.b.fault()
    pair.run(2 * TICK)
    pair.b.backup()
    pair.run(QUARTER)


def certificate_renewed(pair: Pair) -> None:
    """A certificate is renewed three weeks before its end."""
    for left in (21, 90):
        pair.a.set("check_certificate_expiry_timestamp_seconds", 4e9 + left * 86400, check="http")
        pair.run(QUARTER)


def pool_deployed(pair: Pair) -> None:
    """Each server of a pool is replaced by a new version, one after the other."""
    pair.run(300)
    for _ in range(4):
        for up, down in ((3, 1), (4, 0)):
            for host in pair.hosts:
                host.set("pool_servers", up, pool="app", state="up")
                host.set("pool_servers", down, pool="app", state="down")
            pair.run(90)
    pair.run(QUARTER)


def moved_twice(pair: Pair) -> None:
    """Somebody tries a failover before the holidays, and again after lunch."""
    for _ in range(2):
        pair.a.backup()
        pair.b.master("priority_zero")
        pair.run(300)
        pair.b.backup()
        pair.a.master()
        pair.run(QUARTER)


HARMLESS: Final[tuple[Callable[[Pair], None], ...]] = (
    healthy,
    failback,
    cold_boot,
    rolling_restart,
    drain,
    drained_standby,
    reload,
    refused_reload,
    docker_restart,
    lost_scrapes,
    short_trouble,
    nginx_restarted,
    standby_rebooted,
    master_rebooted,
    program_replaced,
    killed_and_adopted,
    observer_restarted,
    vip_removed_once,
    cable_out,
    certificate_renewed,
    pool_deployed,
    moved_twice,
)
