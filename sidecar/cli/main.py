"""The command `vip-sidecar`: from words to the module of a verb, which alone is imported."""

import sys

from sidecar.cli.streams import speak_anywhere


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return its exit code (see `exit_codes`)."""
    speak_anywhere()
    words = sys.argv[1:] if argv is None else argv
    # Docker runs the health check every few seconds: argparse alone would double its cost.
    if words == ["healthcheck"]:
        from sidecar.cli.healthcheck import healthcheck  # noqa: PLC0415

        return healthcheck()

    from sidecar.cli.command_line import execute  # noqa: PLC0415

    return execute(words)
