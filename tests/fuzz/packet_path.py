"""Fuzz the way of a packet, guided by coverage: `python -m tests.fuzz.packet_path [OPTION...] CORPUS...`.

Options are those of libFuzzer. atheris, because it is libFuzzer with Python's own byte code as coverage,
is maintained, has wheels and keeps its corpora as plain files. Of the alternatives pythonfuzz is not
maintained any more, and hypofuzz drives hypothesis tests, which run beside this anyway.
"""

import sys

import atheris

with atheris.instrument_imports(include=["sidecar.core"]):
    from tests.fuzz.packets import check

if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
