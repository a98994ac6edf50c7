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
    if words[:1] == ["run"] and (code := _run(words[1:])) is not None:
        return code

    from sidecar.cli.command_line import execute  # noqa: PLC0415

    return execute(words)


def _run(words: list[str]) -> int | None:
    """Be the sidecar; None if argparse must look at the words. A VIP may wait for this start."""
    from sidecar.cli.run_words import options  # noqa: PLC0415

    asked = options(words)
    if asked is None:
        return None
    file, wanted = asked
    from sidecar import lazy_inspect  # noqa: PLC0415

    lazy_inspect.install()
    user = None
    if wanted is not None:
        from sidecar.router.observer_user import parsed  # noqa: PLC0415

        try:
            user = parsed(wanted)
        except ValueError:
            return None
    from sidecar.cli.begin import begin  # noqa: PLC0415

    return begin(file, user)
