"""Wireshark's opinion on frames. Every checksum is verified, every remark of the expert is a complaint."""

import csv
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.interop.recording import Frame, write_pcap
from tests.interop.said import Advert, Arp, Neighbour, Opinion, Said

_ADVERTISEMENT = "136"
_GOOD = "1"
_CHECKSUMS = ("ip.checksum.status", "vrrp.checksum.status", "icmpv6.checksum.status")
_FIELDS = (
    "frame.protocols", "_ws.malformed", "_ws.expert.message", *_CHECKSUMS,
    "eth.src", "ip.src", "ip.dst", "ip.ttl", "ipv6.src", "ipv6.dst", "ipv6.hlim",
    "vrrp.version", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.addr_count", "vrrp.adver_int",
    "vrrp.short_adver_int", "vrrp.ip_addr", "vrrp.ipv6_addr", "vrrp.auth_type", "vrrp.auth_string",
    "arp.opcode", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.proto_ipv4",
    "icmpv6.type", "icmpv6.nd.na.target_address", "icmpv6.nd.na.flag.o", "icmpv6.opt.linkaddr",
)  # fmt: skip


def opinion(frames: Sequence[Frame], *, pseudo_header: bool = True) -> Opinion:
    """Findings of tshark. `pseudo_header`: how checksums of version 3 over IPv4 are meant."""
    if not frames:
        return Opinion((), ())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frames.pcap"
        write_pcap(file, frames)
        lines = _run(file, pseudo_header=pseudo_header).splitlines()
    rows = list(csv.DictReader(lines, _FIELDS, delimiter="\t"))
    assert len(rows) == len(frames), "a line for every frame"
    complaints = [
        f"frame {number}: {text}" for number, row in enumerate(rows, 1) for text in _complaints(row)
    ]
    return Opinion(tuple(complaints), tuple(_said(row) for row in rows))


def _run(file: Path, *, pseudo_header: bool) -> str:
    preferences = {
        "ip.check_checksum": "TRUE",
        "vrrp.v3_checksum_as_in_v2": "FALSE" if pseudo_header else "TRUE",
    }
    argv = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "quote=d", "-E", "occurrence=a"]
    argv += [word for name, value in preferences.items() for word in ("-o", f"{name}:{value}")]
    argv += [word for name in _FIELDS for word in ("-e", name)]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout


def _complaints(row: Mapping[str, str]) -> list[str]:
    found = [row["_ws.expert.message"]] if row["_ws.expert.message"] else []
    if row["_ws.malformed"]:
        found.append("malformed")
    found += [f"{name} is {row[name]}" for name in _CHECKSUMS if row[name] not in ("", _GOOD)]
    # An undissected rest would show as the protocol "data".
    if row["frame.protocols"].split(":")[-1] not in ("vrrp", "arp", "icmpv6"):
        found.append(f"dissected as {row['frame.protocols']}")
    count = row["vrrp.addr_count"]
    if count and int(count) != len(_addresses(row)):
        found.append(f"{count} addresses announced, {len(_addresses(row))} there")
    return found


def _addresses(row: Mapping[str, str]) -> tuple[str, ...]:
    text = row["vrrp.ip_addr"] or row["vrrp.ipv6_addr"]
    return tuple(text.split(",")) if text else ()


def _said(row: Mapping[str, str]) -> Said:
    if row["arp.opcode"]:
        target = row["arp.dst.proto_ipv4"]
        return Arp(row["arp.src.hw_mac"], int(row["arp.opcode"]), row["arp.src.proto_ipv4"], target)
    source, destination = row["ip.src"] or row["ipv6.src"], row["ip.dst"] or row["ipv6.dst"]
    ttl = int(row["ip.ttl"] or row["ipv6.hlim"])
    if row["icmpv6.type"] == _ADVERTISEMENT:
        address, override = row["icmpv6.nd.na.target_address"], row["icmpv6.nd.na.flag.o"] in ("1", "True")
        return Neighbour(row["icmpv6.opt.linkaddr"], source, destination, ttl, address, override)
    version = int(row["vrrp.version"])
    interval = int(row["vrrp.adver_int"]) * 100 if version == 2 else int(row["vrrp.short_adver_int"])
    return Advert(
        row["eth.src"], source, destination, ttl,
        version, int(row["vrrp.virt_rtr_id"]), int(row["vrrp.prio"]), interval,
        _addresses(row), row["vrrp.auth_string"].rstrip("\0"),
    )  # fmt: skip
