"""The service to paste into a compose file."""

import posixpath
import re
from typing import Final

from sidecar.migrate.entries import Entries, Entry

_SERVICE: Final = """\
services:
  sidecar:
    image: vip-sidecar
    network_mode: host
{pid}    read_only: true
    cap_drop: [ALL]
    cap_add: [NET_ADMIN, NET_RAW, SETUID, SETGID, SETPCAP]
    command: [run, --observer-user, "65532:65532"]
    # seccomp.json stands beside docker-compose.host.yml: copy it beside this file
    security_opt: ["no-new-privileges:true", "seccomp:./seccomp.json"]
    tmpfs: ["/run/vip-sidecar:mode=0711,uid=65532,gid=65532,size=1m"]
    restart: unless-stopped
    stop_grace_period: 5s
    pids_limit: 128
    mem_limit: 256m
    env_file: [.env]
    volumes:
{volumes}    logging:
      options: {{max-size: 10m, max-file: "5"}}
"""
_PID: Final = "    pid: host # a check looks at the host's processes\n"
_PROCESSES: Final = re.compile(r"\b(?:ps|pidof|pgrep|pkill|killall|kill)\b")
_OWN: Final = frozenset({"/", "/run", "/var/run", "/var", "/etc", "/etc/vip-sidecar", "/dev", "/proc", "/sys",
                         "/usr", "/bin", "/sbin", "/lib", "/lib64", "/run/vip-sidecar"})  # fmt: skip


def folder_to_mount(path: str) -> str | None:
    """Return the folder of the host that a file is in; None if the sidecar has that folder itself."""
    folder = posixpath.dirname(path) or "/"
    return None if folder in _OWN else folder


def compose_file(entries: Entries) -> str:
    """Return the fragment: what the checks and pools need is in it."""
    kinds = {next(iter(entry.values)) for entry in entries.checks.values()}
    volumes = ["./config:/etc/vip-sidecar:ro"]
    if "container" in kinds:
        volumes.append("docker-proxy:/run/docker-proxy:ro")
    if entries.pools:
        volumes.append("/etc/nginx/pools:/etc/nginx/pools")
        volumes.append("/run/nginx.pid:/run/nginx.pid:ro")
    for entry in entries.checks.values():
        path = entry.values.get("file")
        if path is None:
            continue
        folder = folder_to_mount(str(path.value))
        volumes += [] if folder is None else [f"{folder}:{folder}:ro"]
    listed = "".join(f"      - {volume}\n" for volume in dict.fromkeys(volumes))
    looks = "process" in kinds or entries.pools or any(map(_asks_processes, entries.checks.values()))
    return _SERVICE.format(pid=_PID if looks else "", volumes=listed)


def _asks_processes(check: Entry) -> bool:
    argv = check.plain("exec", ())
    return isinstance(argv, tuple) and bool(_PROCESSES.search(" ".join(map(str, argv))))
