"""Fuzz the import of keepalived.conf: `python -m tests.fuzz.keepalived_conf [libFuzzer options] CORPUS...`.

Whatever the file and those that it refers to hold, it becomes a configuration that our own reader takes or a
list of mistakes with their places.
"""

import sys
from collections.abc import Sequence

import atheris

with atheris.instrument_imports(include=["sidecar.migrate"]):
    from sidecar.config.mistake import ConfigError
    from sidecar.migrate.command import command
    from sidecar.migrate.report import data, report
    from sidecar.migrate.run import Input, run
    from sidecar.migrate.script_text import script

OURS = {"syntax", "unknown-key", "duplicate-key", "variable", "missing-key", "unknown-check", "name"}
"""Mistakes that only we can have made: no value of a keepalived.conf is the cause."""


class Referred:
    """Files of a host: any script has this text, and any pattern stands for one included file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> str | None:
        """Return the same text for all."""
        return self._text if path else None

    def matches(self, pattern: str) -> Sequence[str]:
        """Return one file."""
        return [pattern]

    def beside(self, file: str) -> "Referred":  # noqa: ARG002 - a form of Files
        """Return the same."""
        return self


def check(given: bytes) -> None:
    """Import it. Raises what the import should not have raised."""
    text = given.decode("utf-8", "replace").replace("\0", "\ufffd")
    command(text)
    script(text)
    first, _, second = text.partition("\x1c")
    inputs = [Input("a.conf", first), *([Input("b.conf", second)] if second else [])]
    try:
        result = run(inputs, (), Referred(second or "#!/bin/sh\npidof x\n"), {"A": "1"})
    except ConfigError:
        return
    report(result)
    data(result)
    assert not [mistake for mistake in result.errors if mistake.code in OURS], result.errors
    silent = [finding for finding in result.findings if finding.text == "was not translated"]
    assert not silent, silent


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
