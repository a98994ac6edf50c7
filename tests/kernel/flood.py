"""Sends frames as fast as it is told to: `python flood.py INTERFACE RATE SECONDS` with frames as hex lines.

The first is sent ten times a second and is no part of the flood; the others are sent in turns, RATE a
second. At the end one JSON object on stdout: how many of the first, how many others, in how many seconds.
"""

import json
import socket
import sys
import time

_TICK = 0.001
"""Seconds between two bursts."""


def main(interface: str, rate: str, seconds: str) -> None:
    """Send in bursts."""
    first, *flood = [bytes.fromhex(line) for line in sys.stdin]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind((interface, 0))
    begun = time.monotonic()
    sent = singles = 0
    while (elapsed := time.monotonic() - begun) < float(seconds):
        if elapsed * 10 >= singles:
            out.send(first)
            singles += 1
        due = int(elapsed * float(rate))
        while sent < due:
            out.send(flood[sent % len(flood)])
            sent += 1
        time.sleep(_TICK)
    spent = round(time.monotonic() - begun, 3)
    sys.stdout.write(json.dumps({"singles": singles, "sent": sent, "seconds": spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
