#!/usr/bin/env python3
"""Move a cloud address to this host: a hook, `pre_acquire`, of a VIP that the network of a cloud routes.

    hooks:
      pre_acquire: [/etc/vip-sidecar/move-address.py, https://api.hetzner.cloud/v1, "4711", "12", /run/token]
      timeout: 3s

Arguments: the API, the number of the floating IP, the number of this server, a file with the token, and what
the sidecar adds. Exit status 0: the address is here. Doing it twice does no harm.
"""

import json
import sys
import urllib.request
from pathlib import Path


def call(url: str, token: str, body: object = None) -> dict:
    """Ask the API, and return what it answers."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - the operator names it
    with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
        return json.load(answer)


def main(api: str, address: str, server: str, token_file: str) -> None:
    """Have the address routed to this server, unless it is."""
    token = Path(token_file).read_text(encoding="utf-8").strip()
    here = f"{api}/floating_ips/{address}"
    if call(here, token)["floating_ip"]["server"] != int(server):
        call(f"{here}/actions/assign", token, {"server": int(server)})


if __name__ == "__main__":
    try:
        main(*sys.argv[1:5])
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"the address was not moved: {error}")
