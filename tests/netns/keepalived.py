"""keepalived: Debian 12's own, 2.2.7, and that of the next release, 2.3.3."""

from collections.abc import Sequence
from pathlib import Path

from tests.netns.chroot import FOLDER, inside
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Setup
from tests.netns.webserver import PORT

_CHECK = """\
vrrp_script nginx {{
  script "/usr/bin/curl -fsS -o /dev/null -m 1 http://127.0.0.1:{port}/"
  interval 1
  timeout 1
  fall 1
  rise 1
}}
"""
_CONFIG = """\
global_defs {{
  router_id lab
  script_user root
  enable_script_security
}}
{check}
vrrp_instance web {{
  interface eth0
  version {version}
  virtual_router_id {vrid}
  priority {priority}
  advert_int {interval:g}
  {keys}
  virtual_ipaddress {{
    {vips}
  }}
}}
"""


def keepalived(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """Debian 12's keepalived, with a check of nginx by curl once a second if the setup has checks.

    It is quiet, because its log costs it milliseconds.
    """
    _configure(host, priority, folder, setup)
    return Service(namespace, command(folder), folder / "keepalived.log")


def keepalived_2_3_3(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """keepalived 2.3.3, likewise."""
    _configure(host, priority, folder, setup)
    return Service(namespace, command_2_3_3(folder), folder / "keepalived.log")


def command_2_3_3(folder: Path) -> list[str]:
    """Return the command that runs keepalived 2.3.3 with the keepalived.conf of a folder."""
    return inside(folder, command(Path(FOLDER)))


def _configure(host: str, priority: int, folder: Path, setup: Setup) -> None:
    keys: Sequence[str] = []
    if setup.unicast:
        source, peer = setup.ends(host)
        keys = [f"unicast_src_ip {source}", f"unicast_peer {{\n    {peer}\n  }}", f"unicast_ttl {setup.ttl}"]
    if not setup.preempt:
        keys = [*keys, "nopreempt"]
    if not setup.pseudo_header:
        keys = [*keys, "v3_checksum_as_v2"]
    if setup.last_word:
        keys = [*keys, "higher_prio_send_advert"]
    if setup.password:
        keys = [*keys, f"authentication {{\n    auth_type PASS\n    auth_pass {setup.password}\n  }}"]
    if setup.checks:
        keys = [*keys, "track_script {\n    nginx\n  }"]
    text = _CONFIG.format(
        check=_CHECK.format(port=PORT) if setup.checks else "",
        version=setup.version,
        vrid=setup.vrid,
        priority=priority,
        interval=setup.interval,
        keys="\n  ".join(keys),
        vips="\n    ".join(setup.vips(host)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keepalived.conf").write_text(text, encoding="ascii")


def command(folder: Path) -> list[str]:
    """Return the command that runs keepalived, quietly, with the keepalived.conf of a folder."""
    pids = {"-p": "keepalived.pid", "-r": "vrrp.pid", "-c": "check.pid"}
    files = [word for option, name in pids.items() for word in (option, str(folder / name))]
    return ["keepalived", "-n", "-P", "-f", str(folder / "keepalived.conf"), *files]
