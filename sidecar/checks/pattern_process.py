"""The other side of `pattern.py`: a program that searches one pattern in the bodies it is sent.

Run as a file by an interpreter without site packages, with the folder of our package and the pattern;
gives up every capability first. Reads from standard input: four bytes of length, then the body; answers
"1" or "0". Ends at the end of its input, or by SIGALRM when one search takes longer than the longest
deadline a check can have.
"""

import re
import signal
import sys

LONGEST = 60.0


def main() -> None:
    """Search until the input ends."""
    _, package, expression = sys.argv
    sys.path.insert(0, package)
    from sidecar.checks.privileges import give_up  # noqa: PLC0415 - the path is known now

    give_up()
    pattern = re.compile(expression)
    # Unbuffered: each read returns what is there, and nothing waits for more.
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(4):
        body = source.read(int.from_bytes(header, "big")).decode("utf-8", "replace")
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        found = pattern.search(body) is not None
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(b"1" if found else b"0")
        answers.flush()


if __name__ == "__main__":
    main()
