"""keepalived 2.3.3 at its best: quiet, its processes tracked by events of the kernel, a script of bash alone.

The kernel tells of processes only in the initial namespaces. So keepalived starts there, and moves into the
network of its host by `net_namespace`, here as an option: it does not start if it cannot. The interface has
a name that no machine has: in no case may it be one of the machine itself.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.netns.chroot import FOLDER, inside
from tests.netns.keepalived import command
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Daemon, Setup
from tests.netns.webserver import PORT

INTERFACE: Final = "vip-contest0"
"""Of the hosts of a stage."""
PROCESS, SCRIPT, NONE = "process", "script", ""
"""How it judges nginx."""

_GLOBAL: Final = """\
global_defs {{
  router_id {host}
  script_user root
  enable_script_security
}}
"""
_JUDGES: Final = {
    PROCESS: "vrrp_track_process nginx {{\n  process nginx-{host}\n}}\n",
    SCRIPT: """\
vrrp_script nginx {{
  script "/usr/bin/bash /mnt/check.sh"
  interval 1
  timeout 1
  fall 1
  rise 1
}}
""",
    NONE: "",
}
# Without curl, whose start alone takes longer than the question.
_CHECK: Final = f"""\
exec 3<>/dev/tcp/127.0.0.1/{PORT}
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
IFS= read -r -t 1 line <&3
[[ $line == *" 200 "* ]]
"""
_INSTANCE: Final = """\
vrrp_instance r{vrid} {{
  interface {interface}
  version 3
  virtual_router_id {vrid}
  priority {priority}
  advert_int {interval:g}
  {tracking}
  virtual_ipaddress {{
    {vips}
  }}
}}
"""
_TRACKING: Final = {
    PROCESS: "track_process {\n    nginx\n  }",
    SCRIPT: "track_script {\n    nginx\n  }",
    NONE: "",
}
# The network of a host gets the name by which keepalived looks for it, in this mount namespace alone.
_NAMED: Final = """
set -eu
mkdir -p /run/netns
touch "/run/netns/$1"
mount --bind "/proc/$2/ns/net" "/run/netns/$1"
shift 2
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Router:
    """One virtual router besides the first one."""

    vrid: int
    vips: Sequence[str]


class _Initial:
    """Starts programs in the namespaces of this process, which end with it."""

    def spawn(
        self, argv: Sequence[str], output: IO[bytes] | int, **environment: str
    ) -> subprocess.Popen[bytes]:
        """See Namespace."""
        return subprocess.Popen(  # noqa: S603 - an argument list, no shell
            ["setpriv", "--pdeathsig", "KILL", *argv],  # noqa: S607 - of the system
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )


def configuration(host: str, priority: int, setup: Setup, judges: str, more: Sequence[Router] = ()) -> str:
    """Return keepalived.conf of a host with the first router of the setup, and more."""
    instances = (
        _INSTANCE.format(
            interface=INTERFACE,
            vrid=router.vrid,
            priority=priority,
            interval=setup.interval,
            tracking=_TRACKING[judges],
            vips="\n    ".join(router.vips),
        )
        for router in (Router(setup.vrid, setup.vips(host)), *more)
    )
    return "".join((_GLOBAL.format(host=host), _JUDGES[judges].format(host=host), *instances))


def best(judges: str, more: Sequence[Router] = ()) -> Daemon:
    """Return what makes the keepalived of a host. nginx of host a is called nginx-a there."""

    def made(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        folder.mkdir(parents=True, exist_ok=True)
        text = configuration(host, priority, setup, judges, more)
        (folder / "keepalived.conf").write_text(text, encoding="ascii")
        (folder / "check.sh").write_text(_CHECK, encoding="ascii")
        named = ["sh", "-c", _NAMED, "named", host, str(namespace.pid)]
        return Service(
            _Initial(),
            inside(folder, [*named, *command(Path(FOLDER)), "-s", host]),
            folder / "keepalived.log",
        )

    return made
