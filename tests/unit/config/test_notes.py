"""What is said of a valid file as a whole."""

import socket
from ipaddress import ip_interface

import pytest

from sidecar.config import notes
from sidecar.config.example import EXAMPLE
from sidecar.config.load import parse
from sidecar.config.notes import host_findings, unread_nodes, without_checks
from sidecar.config.params import node_params
from sidecar.net.addresses.host_networks import Carried

ROUTER = "virtual_routers:\n  web: {interface: NAME, vrid: 51, priority: 250, addresses: [192.0.2.100]}\n"


def test_a_file_without_checks_is_warned_of() -> None:
    (note,) = without_checks(parse(ROUTER, "f", {}, "a").config)
    assert str(note).startswith("warning[no-checks]: there are no checks")
    assert 'checks: {page: {http: "http://127.0.0.1/"}}' in note.message
    mended = parse(f'{ROUTER}checks: {{page: {{http: "http://127.0.0.1/"}}}}\n', "f", {}, "a")
    assert without_checks(mended.config) == ()


@pytest.mark.parametrize(("on", "what"), [("none0", "interface none0"), ("198.51.100.0/24", "an address of")])
def test_an_interface_that_is_not_here_is_warned_of_beside_those_that_are(on: str, what: str) -> None:
    config = parse(ROUTER.replace("NAME", on), "f", {}, "a").config
    (note,) = host_findings(node_params(config).routers)
    assert note.code == "interface-absent"
    assert what in note.message
    assert all(name in note.message for _, name in socket.if_nameindex())


@pytest.mark.parametrize(
    ("peers", "alone"),
    [("10.77.0.11", True), ("10.77.0.11, 10.77.0.21", True), ("10.77.0.11, 10.77.0.12", False)],
)
def test_unicast_to_this_host_alone_is_warned_of(
    peers: str, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `source` the file does not tell which of the hosts this one is."""
    own = (ip_interface("10.77.0.11/24"), ip_interface("10.77.0.21/24"))
    monkeypatch.setattr(notes, "host_networks", lambda _: {"eth0": Carried("eth0", own, ())})
    text = ROUTER.replace("NAME", "eth0").replace(
        "192.0.2.100]", f"10.77.0.100], unicast: {{peers: [{peers}]}}"
    )
    found = host_findings(node_params(parse(text, "f", {}, "a").config).routers)
    assert [note.code for note in found] == ["unicast-alone"] * alone
    assert all(f"{peers} in `unicast.peers` is this host itself, on eth0" in note.message for note in found)


def test_the_example_for_an_empty_file_is_valid_and_has_no_warning() -> None:
    loaded = parse(EXAMPLE, "f", {"PRIORITY": "250"}, "a")
    assert (loaded.warnings, without_checks(loaded.config)) == ((), ())


def test_hosts_that_read_each_other_and_listen_on_loopback_alone_are_warned_of() -> None:
    nodes = 'nodes: ["http://192.0.2.12:9650"]\n'
    (note,) = unread_nodes(parse(ROUTER + nodes, "f", {}, "a").config)
    assert str(note).startswith("warning[nodes-loopback]: `nodes` has the hosts read each other's status")
    assert 'write `http: {listen: "0.0.0.0:9650"}`' in note.message
    named = f'{ROUTER}{nodes}http: {{listen: "localhost:9650"}}\n'
    assert unread_nodes(parse(named, "f", {}, "a").config)
    for mended in (f'{ROUTER}{nodes}http: {{listen: "0.0.0.0:9650"}}\n', ROUTER):
        assert unread_nodes(parse(mended, "f", {}, "a").config) == ()
