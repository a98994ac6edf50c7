"""The log over real file descriptors, most of all over a pipe that nobody reads."""

import json
import logging
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sidecar.plan.services import Log, LogFormat, LogLevel
from sidecar.telemetry.log import LogOutput

Open = Callable[..., LogOutput]


@pytest.fixture
def open_log() -> Iterator[Open]:
    opened = []

    def begin(fd: int, style: LogFormat = LogFormat.AUTO) -> LogOutput:
        output = LogOutput(Log(style), "a", fd)
        opened.append(output)
        return output

    yield begin
    for output in opened:
        output.close()


def read_all(fd: int) -> list[bytes]:
    data = b""
    while chunk := os.read(fd, 65536):
        data += chunk
    return data.splitlines()


def test_a_line_is_json_with_stable_keys(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1])
    output.logger.info("transition", router="web", reason="preempt")
    output.logger.debug("advert_sent")
    output.close()
    os.close(pipe[1])
    (line,) = read_all(pipe[0])
    entry = json.loads(line)
    assert list(entry)[:4] == ["timestamp", "level", "event", "node"]
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "transition",
        "level": "info",
        "node": "a",
        "router": "web",
        "reason": "preempt",
    }


def test_libraries_speak_the_same_format_from_warning_on(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1])
    library = logging.getLogger("urllib3.connectionpool")
    library.info("starting new connection")
    library.warning("connection to %s is broken", "dockerd")
    output.close()
    library.warning("nobody hears this")
    os.close(pipe[1])
    (line,) = read_all(pipe[0])
    entry = json.loads(line)
    assert entry["event"] == "connection to dockerd is broken"
    assert (entry["level"], entry["logger"], entry["node"]) == ("warning", "urllib3.connectionpool", "a")


def test_an_exception_is_part_of_the_line(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1])
    try:
        int("bad luck")
    except ValueError:
        output.logger.exception("crash")
    output.close()
    os.close(pipe[1])
    (line,) = read_all(pipe[0])
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_the_console_shows_exceptions_and_losses_too(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1], LogFormat.CONSOLE)
    try:
        int("bad luck")
    except ValueError:
        output.logger.exception("crash")
    for _ in range(30_000):
        output.logger.info("flood", padding="x" * 50)
    os.close(pipe[1])
    output.close(0)
    text = b"\n".join(read_all(pipe[0])).decode()
    assert "ValueError: invalid literal" in text
    assert "lines dropped: nobody read the log" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_a_terminal_gets_lines_for_people(
    open_log: Open, monkeypatch: pytest.MonkeyPatch, no_color: str, colored: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    master, terminal = pty.openpty()
    try:
        output = open_log(terminal)
        output.logger.warning("check", detail="\x1b[2Jgone")
        output.close()
        line = os.read(master, 4096)
    finally:
        os.close(master)
        os.close(terminal)
    assert (b"\x1b[" in line) is colored
    assert b"check" in line
    assert b"\x1b[2J" not in line


def test_a_blocked_pipe_delays_nobody_and_the_loss_is_told(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1])
    began = time.monotonic()
    longest = 0.0
    for number in range(100_000):
        asked = time.monotonic()
        output.logger.warning("flood", number=number, padding="x" * 100)
        longest = max(longest, time.monotonic() - asked)
    total = time.monotonic() - began
    print(f"100,000 lines into a blocked pipe: {total:.2f} s, longest call {longest * 1000:.1f} ms")
    dropped = output.dropped
    assert total < 20  # a pipe that blocks us blocks for ever
    assert dropped > 80_000
    began = time.monotonic()
    output.close()
    assert 0.15 < time.monotonic() - began < 5
    os.close(pipe[1])
    numbers: list[dict[str, object]] = []
    notices: list[dict[str, object]] = []
    # The writer goes on as soon as somebody reads, and ends with the notice.
    for line in read_all(pipe[0]):
        entry = json.loads(line)
        (numbers if entry["event"] == "flood" else notices).append(entry)
    assert len(numbers) == 100_000 - dropped
    assert [entry["event"] for entry in notices] == ["log_dropped"]
    assert notices[0]["count"] == dropped


def test_a_process_with_a_blocked_pipe_still_ends_at_once(pipe: tuple[int, int]) -> None:
    code = (
        "from sidecar.plan.services import Log\n"
        "from sidecar.telemetry.log import LogOutput\n"
        "import sys, time\n"
        "output = LogOutput(Log(), 'a', 1)\n"
        "for number in range(3000): output.logger.info('flood', padding='x' * 100)\n"
        "began = time.monotonic(); output.close()\n"
        "print(time.monotonic() - began, file=sys.stderr)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        stdout=pipe[1],
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        timeout=20,
        check=False,
    )
    assert process.returncode == 0
    assert 0.19 < float(process.stderr) < 0.5


def test_a_reader_that_left_costs_lines_and_nothing_else(open_log: Open, pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    output = open_log(pipe[1])
    output.logger.info("into the void")
    output.close()
    assert output.dropped == 1


def test_closing_stdout_elsewhere_takes_no_line_away(open_log: Open, pipe: tuple[int, int]) -> None:
    output = open_log(pipe[1])
    os.close(pipe[1])
    output.logger.info("still here")
    output.close()
    (line,) = read_all(pipe[0])
    assert json.loads(line)["event"] == "still here"


def test_level_format_and_node_are_exchanged_for_everybody_who_has_the_logger(
    open_log: Open, pipe: tuple[int, int]
) -> None:
    output = open_log(pipe[1], LogFormat.JSON)
    logger, bound = output.logger, output.logger.bind(router="web")
    logger.debug("unheard")
    output.exchange(Log(LogFormat.JSON, LogLevel.DEBUG), "b")
    logger.debug("heard")
    logging.getLogger("docker").warning("a library")
    output.exchange(Log(LogFormat.CONSOLE, LogLevel.ERROR), "b")
    logger.warning("unheard")
    logger.error("people")
    bound.error("bound before")
    output.close()
    os.close(pipe[1])
    lines = read_all(pipe[0])
    heard, library = (json.loads(line) for line in lines[:2])
    assert (heard["event"], heard["level"], heard["node"]) == ("heard", "debug", "b")
    assert (library["event"], library["node"]) == ("a library", "b")
    people, before = lines[2:]
    assert b"people" in people
    assert b"node='b'" in people
    assert b"bound before" in before
    assert not people.startswith(b"{")
