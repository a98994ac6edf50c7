"""Sockets as /proc/net lists them: real ones of this process, and files that were made by hand."""

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from sidecar.doctor.evidence import Listening, Speaker
from sidecar.doctor.problem import Unseen
from sidecar.doctor.readers.proc_net import read_listening, read_speakers, vrrp_sockets

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {local}:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 {inode} 2\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_socket_that_listens_is_found_with_its_address(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        port = server.getsockname()[1]
        found = read_listening()
        assert not isinstance(found, Unseen)
        assert Listening(ip_address(host), port) in found
        # A connection is no socket that listens.
        with socket.create_connection((host, port)) as visitor:
            again = read_listening()
            assert not isinstance(again, Unseen)
            assert visitor.getsockname()[1] not in {each.port for each in again}


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """Three raw sockets: VRRP twice, and one of ICMP."""
    (tmp_path / "raw").write_text(
        HEAD
        + ROW.format(local="00000000", port=112, inode=100)
        + ROW.format(local="00000000", port=1, inode=101)
    )
    (tmp_path / "raw6").write_text(HEAD + ROW.format(local="0" * 32, port=112, inode=102))
    return tmp_path


def process(proc: Path, pid: int, name: str, *inodes: int) -> None:
    """A process that has these sockets, and a file."""
    (proc / str(pid) / "fd").mkdir(parents=True)
    (proc / str(pid) / "comm").write_text(f"{name}\n")
    for number, target in enumerate(("/dev/null", *(f"socket:[{inode}]" for inode in inodes))):
        (proc / str(pid) / "fd" / str(number)).symlink_to(target)


def test_vrrp_sockets_are_told_from_others(net: Path) -> None:
    assert vrrp_sockets(net) == {100, 102}


def test_the_programs_that_have_them_are_named(net: Path, tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    process(proc, 7, "keepalived", 100)
    process(proc, 8, "sh", 999)
    assert read_speakers(None, net, proc) == (Speaker(100, 7, "keepalived"), Speaker(102))


def test_those_of_the_sidecar_are_its_own(net: Path, tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    process(proc, 7, "python3", 100, 102)
    assert read_speakers(7, net, proc) == ()
    process(proc, 9, "keepalived", 102)
    assert read_speakers(9, net, proc) == (Speaker(100, 7, "python3"),)


def test_a_process_that_is_not_seen_to_have_any_is_not_believed(net: Path, tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    process(proc, 7, "sh", 999)
    for wrong in (7, 8):
        found = read_speakers(wrong, net, proc)
        assert isinstance(found, Unseen)
        assert "cannot be told from the sidecar's" in found.why


def test_without_ipv6_there_is_one_file_less(net: Path, tmp_path: Path) -> None:
    (net / "raw6").unlink()
    (tmp_path / "proc").mkdir()
    assert read_speakers(None, net, tmp_path / "proc") == (Speaker(100),)
