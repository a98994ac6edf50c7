"""Fuzz the loader of the configuration: `python -m tests.fuzz.config_file [libFuzzer options] CORPUS...`.

Whatever the file holds, it becomes a configuration or a list of mistakes with their places.
"""

import sys

import atheris

with atheris.instrument_imports(include=["sidecar.config"]):
    from sidecar.config.load import parse
    from sidecar.config.mistake import ConfigError


def check(data: bytes) -> None:
    """Parse it as a file that could be read. Raises what the loader should not have raised."""
    mistakes = 1
    try:
        parse(data.decode("utf-8", "replace"), "fuzz.yaml", {"A": "1"}, "host-a")
    except ConfigError as error:
        mistakes = len(error.mistakes)
    assert mistakes


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
