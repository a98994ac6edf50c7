"""Sends frames in turns, as many as it is told to: `python flood.py RATE SECONDS FRAME...`, in a namespace.

Frames are hex digits. At the end one JSON object on stdout: how many were sent, in how many
seconds since when, and how many of a processor that cost.
"""

import json
import socket
import sys
import time

_TICK = 0.001
"""Seconds between two bursts."""


def main(rate: str, seconds: str, *frames: str) -> None:
    """Send for some seconds, in bursts of a millisecond."""
    made = [bytes.fromhex(each) for each in frames]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind(("eth0", 0))
    begun = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - begun) < float(seconds):
        due = int(elapsed * float(rate)) + 1
        while sent < due:
            out.send(made[sent % len(made)])
            sent += 1
        time.sleep(_TICK)
    sys.stdout.write(
        json.dumps(
            {
                "sent": sent,
                "begun": begun,
                "seconds": round(time.monotonic() - begun, 3),
                "spent": time.process_time(),
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
