import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from sidecar.cli.preflight import NET_ADMIN, NET_RAW, how_to_grant

pytestmark = pytest.mark.parts

ROOT = Path(__file__).parents[3]
CONFIG = """\
virtual_routers:
  web: {interface: lo, vrid: 51, priority: 250, addresses: [192.0.2.1/32]}
"""


def test_the_message_names_purpose_and_each_way_to_grant() -> None:
    message = how_to_grant((NET_ADMIN, NET_RAW))
    assert "missing capability NET_ADMIN: it adds and removes the VIP\n" in message
    assert "missing capability NET_RAW: it sends and receives VRRP, ARP and ICMP\n" in message
    assert "cap_add: [NET_ADMIN, NET_RAW]\n" in message
    assert "--cap-add NET_ADMIN --cap-add NET_RAW\n" in message
    assert "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW\n" in message


@pytest.mark.parametrize(
    ("dropped", "named", "silent"),
    [
        ("net_raw", ["NET_RAW"], "NET_ADMIN"),
        ("net_admin", ["NET_ADMIN"], "NET_RAW"),
        ("net_raw,-net_admin", ["NET_ADMIN", "NET_RAW"], "SYS_ADMIN"),
    ],
)
def test_run_without_a_capability_names_it_and_exits_2(
    tmp_path: Path, dropped: str, named: list[str], silent: str
) -> None:
    setpriv = which("setpriv")
    if setpriv is None or os.geteuid() != 0:
        pytest.skip("needs root and setpriv to take capabilities away; run as root to enable this test")
    config = tmp_path / "vip.yaml"
    config.write_text(CONFIG)
    bounding = f"--bounding-set=-{dropped}"
    words = [sys.executable, "-m", "sidecar", "run", "-c", str(config)]
    # Root regains at exec whatever is left in the bounding set.
    result = subprocess.run(
        [setpriv, bounding, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    for name in named:
        assert f"missing capability {name}" in result.stderr
    assert f"missing capability {silent}" not in result.stderr
