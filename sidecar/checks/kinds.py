"""The table of all kinds of checks. The names are the keys of the configuration."""

from collections.abc import Mapping
from typing import Final

from sidecar.checks import container, http, icmp, link, process, tcp
from sidecar.checks.probe import Builder

KINDS: Final[Mapping[str, Builder]] = {
    "container": container.build,
    "http": http.build,
    "icmp": icmp.build,
    "link": link.build,
    "process": process.build,
    "tcp": tcp.build,
}
