"""The service to paste into a compose file."""

from typing import Final

from sidecar.migrate.entries import Entries

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
_PID: Final = "    pid: host # a process check looks at the host's processes\n"


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
        if path is not None:
            folder = str(path.value).rpartition("/")[0] or "/"
            volumes.append(f"{folder}:{folder}:ro")
    listed = "".join(f"      - {volume}\n" for volume in dict.fromkeys(volumes))
    return _SERVICE.format(pid=_PID if "process" in kinds or entries.pools else "", volumes=listed)
