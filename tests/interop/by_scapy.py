"""scapy's opinion on frames: each is dissected, built anew from what it says, and must be the same bytes."""

from collections.abc import Sequence

from scapy.layers.inet import IP
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.packet import NoPayload, Packet, Padding, Raw
from scapy.utils import checksum

from tests.interop.recording import Frame
from tests.interop.said import Advert, Arp, Neighbour, Opinion, Said

_CHECKSUMS = ((IP, "chksum"), (VRRP, "chksum"), (VRRPv3, "chksum"), (ICMPv6ND_NA, "cksum"))


def opinion(frames: Sequence[Frame], *, pseudo_header: bool = True) -> Opinion:
    """Findings of scapy. `pseudo_header`: how checksums of version 3 over IPv4 are meant."""
    complaints, said = list[str](), list[Said | None]()
    for number, frame in enumerate(frames, 1):
        packet = Ether(frame.data)
        found = _complaints(packet, frame.data, pseudo_header=pseudo_header)
        complaints += [f"frame {number}: {text}" for text in found]
        said.append(_said(packet))
    return Opinion(tuple(complaints), tuple(said))


def _complaints(packet: Packet, data: bytes, *, pseudo_header: bool) -> list[str]:
    found = [f"undissected: {packet[kind]!r}" for kind in (Raw, Padding) if kind in packet]
    if isinstance(packet.lastlayer(), NoPayload):
        found.append("nothing inside")
    anew = packet.copy()
    for layer, field in _CHECKSUMS:
        # scapy knows one checksum of version 3 over IPv4, that of keepalived and FRR.
        if layer in anew and not (layer is VRRPv3 and IP in anew and not pseudo_header):
            anew[layer].delfieldval(field)
    if bytes(anew) != data:
        found.append(f"built anew: {bytes(anew).hex()} instead of {data.hex()}")
    if VRRPv3 in packet and IP in packet and not pseudo_header and checksum(bytes(packet[VRRPv3])) != 0:
        found.append("checksum without pseudo-header is wrong")
    return found


def _said(packet: Packet) -> Said | None:
    if ARP in packet:
        arp = packet[ARP]
        return Arp(arp.hwsrc, arp.op, arp.psrc, arp.pdst)
    ip = packet[IP] if IP in packet else packet[IPv6]
    ttl = ip.ttl if IP in packet else ip.hlim
    if ICMPv6ND_NA in packet:
        neighbour = packet[ICMPv6ND_NA]
        # A kernel that probes a neighbour asks one address alone: it knows it and is not told.
        mac = packet[ICMPv6NDOptDstLLAddr].lladdr if ICMPv6NDOptDstLLAddr in packet else ""
        return Neighbour(mac, ip.src, ip.dst, ttl, neighbour.tgt, bool(neighbour.O))
    vrrp = packet.getlayer(VRRP) or packet.getlayer(VRRPv3)
    if vrrp is None:
        return None
    interval = vrrp.adv * 100 if vrrp.version == 2 else vrrp.adv
    password = ""
    if vrrp.version == 2 and vrrp.authtype == 1:
        password = (
            (vrrp.auth1.to_bytes(4, "big") + vrrp.auth2.to_bytes(4, "big")).rstrip(b"\0").decode("ascii")
        )
    return Advert(
        packet[Ether].src, ip.src, ip.dst, ttl,
        vrrp.version, vrrp.vrid, vrrp.priority, interval, tuple(vrrp.addrlist), password,
    )  # fmt: skip
