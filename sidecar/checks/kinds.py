"""The table of all kinds of checks. The names are the keys of the configuration."""

from collections.abc import Mapping
from typing import Final

from sidecar.checks import container, dns, exec, file, http, icmp, link, nginx, process, tcp  # noqa: A004
from sidecar.checks.probe import Builder

KINDS: Final[Mapping[str, Builder]] = {
    "container": container.build,
    "dns": dns.build,
    "exec": exec.build,
    "file": file.build,
    "http": http.build,
    "icmp": icmp.build,
    "link": link.build,
    "nginx": nginx.build,
    "process": process.build,
    "tcp": tcp.build,
}
