"""Golden packets: the bytes of adverts as they were on the wire, and what they say.

`vrrp2.json` and `vrrp3_ipv6.json` were built by scapy, which agrees with `vrrp3.json`; `received.json` was
sent by keepalived 2.2.7, keepalived 2.3.3 and FRR 10.3. Those with a trailer are in test_auth.py.
"""

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.wire.advert import Advert, decode, encode

_FOLDER = Path(__file__).parents[3] / "golden"
GOLDEN: dict[str, dict[str, Any]] = {
    f"{file}: {golden['name']}": golden
    for file in ("vrrp2", "vrrp3", "vrrp3_ipv6", "received")
    for golden in json.loads((_FOLDER / f"{file}.json").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=list(GOLDEN))
def test_a_golden_packet_says_what_is_stated_and_we_would_send_the_same_bytes(golden: dict[str, Any]) -> None:
    source, destination = ip_address(golden["source"]), ip_address(golden["destination"])
    password = golden.get("password")
    advert = Advert(
        golden["vrid"],
        golden["priority"],
        golden["interval_cs"],
        tuple(map(ip_address, golden["addresses"])),
        golden.get("version", 3),
        None if password is None else password.encode("ascii"),
    )
    payload = bytes.fromhex(golden["hex"])
    assert decode(payload, source, destination, 255) == advert
    assert encode(advert, source, destination, pseudo_header=golden.get("pseudo_header", True)) == payload


@pytest.mark.parametrize("sender", ["keepalived 2.2.7", "keepalived 2.3.3", "FRR 10.3"])
def test_packets_of_every_peer_are_among_them(sender: str) -> None:
    assert any(name.startswith(f"received: {sender}") for name in GOLDEN)
