"""FRR's vrrpd, and what it wants from the machine: a macvlan with the virtual MAC that carries the VIPs."""

from pathlib import Path

from tests.netns.chroot import FOLDER, inside
from tests.netns.lan import link_local
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Setup

# vrrpd never makes the macvlan. It is made without carrier, so that the host does not answer for the VIPs
# before vrrpd says so; eth0 must not answer for a VIP on an interface without carrier (arp_ignore); requests
# come in by the macvlan and answers leave by eth0 (rp_filter). All ends with vrrpd, as in FRR's own service.
_RUN = """\
set -eu
if ! ip link show vrrp >/dev/null 2>&1; then
  ip -batch - <<END
link add vrrp link eth0 type macvlan mode bridge
link set vrrp addrgenmode none
link set vrrp address {mac} protodown on
{addresses}
link set vrrp up
END
  cd /proc/sys/net/ipv4/conf
  echo 1 >eth0/arp_ignore
  echo 0 >all/rp_filter
  echo 0 >vrrp/rp_filter
fi
mkdir -p /run/frr
chown frr:frr /run/frr
daemon() {{
  name=$1
  shift
  exec "/usr/lib/frr/$name" -A 127.0.0.1 -z /run/frr/zserv.api --log stdout "$@"
}}
daemon mgmtd --log-level emergencies & others=$!
daemon zebra --log-level emergencies & others="$others $!"
daemon vrrpd -f {folder}/vrrpd.conf & vrrpd=$!
trap 'kill -TERM $vrrpd' TERM
wait $vrrpd || wait $vrrpd || true
kill -TERM $others || true
wait
"""
_VRRPD = """\
interface eth0
 vrrp {vrid} version {version}
 vrrp {vrid} priority {priority}
 vrrp {vrid} advertisement-interval {interval}
 {preempt}vrrp {vrid} preempt
 {pseudo}vrrp {vrid} checksum-with-ipv4-pseudoheader
{vips}
"""


def frr(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """FRR 10.3. It has no unicast and no checks."""
    assert not setup.unicast, "FRR speaks by multicast only"
    folder.mkdir(parents=True, exist_ok=True)
    addresses = setup.vips(host)
    if setup.family == 6:
        addresses = [f"{link_local(host)}:51/64", *addresses]
    nodad = " nodad" if setup.family == 6 else ""
    run = _RUN.format(
        mac=f"00:00:5e:00:{ {4: '01', 6: '02'}[setup.family] }:{setup.vrid:02x}",
        addresses="\n".join(f"addr add {each} dev vrrp{nodad}" for each in addresses),
        folder=FOLDER,
    )
    (folder / "run").write_text(run, encoding="ascii")
    command = {4: "ip", 6: "ipv6"}[setup.family]
    vrrpd = _VRRPD.format(
        vrid=setup.vrid,
        version=setup.version,
        priority=priority,
        interval=round(setup.interval * 1000),
        preempt="" if setup.preempt else "no ",
        pseudo="" if setup.pseudo_header else "no ",
        vips="\n".join(f" vrrp {setup.vrid} {command} {vip.partition('/')[0]}" for vip in setup.vips(host)),
    )
    (folder / "vrrpd.conf").write_text(vrrpd, encoding="ascii")
    return Service(namespace, inside(folder, ["sh", f"{FOLDER}/run"]), folder / "frr.log")
