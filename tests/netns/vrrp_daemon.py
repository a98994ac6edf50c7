"""The daemons that can run a host's side of the virtual router: the sidecar, and keepalived beside it."""

import http.client
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.netns.lan import GATEWAY, VIP
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.webserver import PORT

ROOT = Path(__file__).resolve().parents[2]
STATUS_PORT = 9650

NGINX_CHECKS: dict[str, Any] = {
    "nginx": {"process": "nginx"},
    "http": {"http": f"http://127.0.0.1:{PORT}/", "every": "200ms", "timeout": "200ms", "fall": 2, "rise": 2},
}
"""What the failover table promises its numbers for."""
RELAXED_CHECKS: dict[str, Any] = {
    "nginx": {"process": "nginx"},
    "http": {"http": f"http://127.0.0.1:{PORT}/", "every": "1s", "timeout": "500ms"},
}
"""What most people run; its cost at rest is measured."""
ALL_CHECKS: dict[str, Any] = {
    **NGINX_CHECKS,
    "uplink": {"link": "eth0"},
    "gateway": {"icmp": GATEWAY, "every": "1s", "timeout": "500ms", "fall": 3, "weight": -20},
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What all hosts of a lab have in common. `interval` is the advertisement interval in seconds."""

    interval: float = 1.0
    checks: Mapping[str, Any] = field(default_factory=lambda: NGINX_CHECKS)
    router: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the virtual router."""
    vrid: int = 51


Daemon = Callable[[Namespace, str, int, Path, Setup], Service]
"""Makes the service of one host from its namespace, name, priority, folder and setup. Not started."""


def sidecar(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """The sidecar, from this source tree."""
    router = {
        "interface": "eth0",
        "vrid": setup.vrid,
        "priority": priority,
        "addresses": [f"{VIP}/32"],
        "advert_interval": f"{round(setup.interval * 1000)}ms",
        **setup.router,
    }
    config = {
        "node": host,
        "virtual_routers": {"web": router},
        "checks": dict(setup.checks),
        "http": {"listen": f"127.0.0.1:{STATUS_PORT}"},
        "control": {"socket": str(folder / "control.sock")},
        "log": {"format": "json", "level": "info"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "sidecar.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    argv = [sys.executable, "-m", "sidecar", "run", "-c", str(file)]
    return Service(namespace, argv, folder / "sidecar.log", PYTHONPATH=str(ROOT))


_KEEPALIVED = """\
global_defs {{
  vrrp_version 3
  script_user root
  enable_script_security
}}
vrrp_script nginx {{
  script "/usr/bin/curl -fsS -o /dev/null -m 1 http://127.0.0.1:{port}/"
  interval 1
  timeout 1
  fall 1
  rise 1
}}
vrrp_instance web {{
  interface eth0
  virtual_router_id {vrid}
  priority {priority}
  advert_int {interval}
  virtual_ipaddress {{ {vip}/32 }}
  {track}
}}
"""


def keepalived(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """Debian's keepalived with a check of nginx by curl, once a second: 2.2.7 knows whole seconds only.

    It is quiet, because its log costs it milliseconds.
    """
    del host
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "keepalived.conf"
    values = {
        "interval": f"{setup.interval:g}",
        "vrid": setup.vrid,
        "vip": VIP,
        "port": PORT,
        "priority": priority,
    }
    values["track"] = "track_script { nginx }" if setup.checks else ""
    file.write_text(_KEEPALIVED.format(**values), encoding="ascii")
    pids = [
        "-p",
        str(folder / "keepalived.pid"),
        "-r",
        str(folder / "vrrp.pid"),
        "-c",
        str(folder / "check.pid"),
    ]
    return Service(namespace, ["keepalived", "-n", "-P", "-f", str(file), *pids], folder / "keepalived.log")


def status(namespace: Namespace, path: str = "/status.json") -> tuple[int, str]:
    """What the sidecar of a host says on its status port: HTTP status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", STATUS_PORT, timeout=2)
    try:
        with namespace.network():
            connection.connect()
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def router_status(namespace: Namespace) -> dict[str, Any]:
    """The one virtual router in the status of a host."""
    code, body = status(namespace)
    assert code == 200, body
    router = json.loads(body)["virtual_routers"][0]
    assert isinstance(router, dict)
    return router
