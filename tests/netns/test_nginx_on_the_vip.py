"""docs/nginx.md about an nginx that listens on the VIP alone, on a host that does not hold it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.netns.lan import VIP
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns

_CONFIG = """\
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{ access_log off; server {{ listen {vip}:8088; }} }}
"""


@pytest.fixture
def standby() -> Iterator[Namespace]:
    with closing(Namespace()) as namespace:
        namespace.ip("link add eth0 type veth peer name far", "link set eth0 up")
        namespace.ip("addr add 10.77.0.12/24 dev eth0")
        yield namespace


def test_it_does_not_start_there_unless_the_kernel_allows_it(standby: Namespace, tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text(_CONFIG.format(folder=tmp_path, vip=VIP))
    start = ("nginx", "-t", "-e", "stderr", "-c", str(file))
    with pytest.raises(RuntimeError, match=r"bind\(\) to 10\.77\.0\.100:8088 failed \(99: Cannot assign"):
        standby.run(*start)
    standby.run("sysctl", "-q", "-w", "net.ipv4.ip_nonlocal_bind=1")
    standby.run(*start)
