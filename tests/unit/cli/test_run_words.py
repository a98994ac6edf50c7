"""What is read without argparse is what argparse would read; everything else is left to it."""

import pytest

from sidecar.cli.command_line import parsed
from sidecar.cli.run_words import options


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-c", "vip.yaml"],
        ["--config", "/etc/vip.yaml"],
        ["--observer-user", "65532:65532,/run/engine/docker.sock"],
        ["--observer-user", "1:2", "-c", "vip.yaml"],
    ],
)
def test_usual_words_mean_the_same_to_both(words: list[str]) -> None:
    theirs = parsed(["run", *words])
    user = None if theirs.observer_user is None else str(theirs.observer_user)
    assert options(words) == (str(theirs.config), user)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["-c"],
        ["-cvip.yaml"],
        ["--config=vip.yaml"],
        ["--conf", "vip.yaml"],
        ["-c", "--help"],
        ["-c", "vip.yaml", "more"],
        ["-c", "vip.yaml", "-c", "other.yaml"],
        ["-c", ""],
        ["vip.yaml"],
        ["--strict", "-c"],
    ],
    ids=" ".join,
)
def test_all_other_words_are_for_argparse(words: list[str]) -> None:
    assert options(words) is None
