"""Golden packets: the bytes of adverts as they were on the wire, and what they say."""

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.vrrp import Advert, decode, encode

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "vrrp3.json").read_text())


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_golden_packets(golden: dict[str, Any]) -> None:
    source, destination = IPv4Address(golden["source"]), IPv4Address(golden["destination"])
    addresses = tuple(map(IPv4Address, golden["addresses"]))
    advert = Advert(golden["vrid"], golden["priority"], golden["interval_cs"], addresses)
    payload = bytes.fromhex(golden["hex"])
    assert decode(payload, source, destination, 255) == advert
    assert encode(advert, source, destination, pseudo_header=golden["pseudo_header"]) == payload
