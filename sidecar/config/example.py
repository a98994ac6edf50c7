"""The smallest configuration that is of use: what `check-config` shows for an empty file."""

from typing import Final

EXAMPLE: Final = """\
virtual_routers:
  web:
    interface: eth0
    vrid: 51
    priority: ${PRIORITY:?250 on the preferred host, 240 on the other}
    addresses: [192.0.2.100/24]
checks:
  page:
    http: "http://127.0.0.1/"
"""
