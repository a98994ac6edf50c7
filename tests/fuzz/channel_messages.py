"""Fuzz the decoders of the channel: `python -m tests.fuzz.channel_messages [libFuzzer options] CORPUS...`."""

import sys

import atheris

with atheris.instrument_imports(include=["sidecar.channel"]):
    from tests.fuzz.channel_decoders import check

if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
