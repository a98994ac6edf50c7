"""The fuzz targets: what is known holds, and a search finds nothing else.

With FUZZ_SECONDS the search takes so long, begins at a seed of its own and goes on from the corpus of the
last one in build/fuzz. Without it, as in CI, the same inputs are tried each time: a search that differs from
run to run would fail on a change that is not at fault. What is found stays in build/fuzz.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.wire.advert import Advert, decode
from tests.fuzz import channel_decoders
from tests.fuzz.packets import MOST, ROUTERS, Record, check, opening, records
from tests.fuzz.seeds import CORPUS, seeds

ROOT = Path(__file__).parents[2]
SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
KEEPALIVED = [str(ROOT / "tests" / "unit" / "migrate" / kind) for kind in ("conf", "bad", "root")]
CONFIGURATIONS = [str(ROOT / "tests" / "unit" / "config" / kind) for kind in ("good", "bad")]
INPUT_SECONDS = 2
"""Processor time that one input may take at most: each is a dozen packets or a small file."""
MEBIBYTES = 512
"""Memory that no search may exceed, atheris and its corpus included."""

openings = st.builds(lambda r, s: opening(r, serving=s), st.sampled_from(ROUTERS), st.booleans())
some_records = st.builds(
    Record,
    payload=st.binary(max_size=60),
    flags=st.integers(0, 31),
    ttl=st.sampled_from([255, 254, 64, 0]),
    source=st.integers(0, 4),
    later=st.integers(0, 255),
)


def test_the_seeds_are_those_of_the_golden_packets_and_of_every_sort_of_router() -> None:
    assert {file.name: file.read_bytes() for file in CORPUS.iterdir()} == dict(seeds())


@pytest.mark.parametrize("file", sorted(CORPUS.iterdir()), ids=lambda file: file.name)
def test_seeds_hold(file: Path) -> None:
    check(file.read_bytes())


def test_seeds_reach_what_is_behind_checksum_and_signature() -> None:
    """Else the search would start in front of a wall."""
    accepted = set()
    for _, content in seeds():
        for record in records(content[1:]):
            packet = record.packet(0.0)
            said = decode(packet.payload, packet.source, packet.destination, packet.ttl)
            if isinstance(said, Advert):
                accepted.add((packet.source.version, said.version, bool(said.trailer)))
    assert accepted == {(4, 3, False), (4, 3, True), (6, 3, False), (6, 3, True), (4, 2, False)}


@given(st.lists(some_records, max_size=MOST))
def test_records_are_read_as_they_were_packed(written: list[Record]) -> None:
    assert list(records(b"".join(record.pack() for record in written))) == written


@given(openings, st.lists(some_records, max_size=MOST))
def test_any_packets_hold(first: bytes, said: list[Record]) -> None:
    check(first + b"".join(record.pack() for record in said))


@given(st.binary(max_size=200))
def test_any_bytes_hold(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize(("name", "data"), list(channel_decoders.seeds()), ids=lambda each: str(each)[:8])
def test_seeds_of_the_channel_hold_and_so_does_what_is_near(name: str, data: bytes) -> None:
    assert name
    for at in range(0, len(data), max(1, len(data) // 200)):
        for byte in (0, 1, 0x7F, 0xFF):
            channel_decoders.check(data[:at] + bytes((byte,)) + data[at + 1 :])


@pytest.fixture(scope="session")
def channel_seeds(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder with the seeds of the channel: made anew, because a field that is added changes all."""
    folder = tmp_path_factory.mktemp("channel")
    for name, content in channel_decoders.seeds():
        (folder / name).write_bytes(content)
    return str(folder)


@pytest.mark.skipif(find_spec("atheris") is None, reason="no atheris: it has wheels for Linux on x86-64 only")
@pytest.mark.timeout(2 * SECONDS + 240)
@pytest.mark.parametrize(
    ("target", "known", "runs"),
    [
        ("packet_path", [str(CORPUS)], 8000),
        ("config_file", CONFIGURATIONS, 5000),
        ("keepalived_conf", KEEPALIVED, 2000),
        ("channel_messages", [], 40000),
    ],
)
def test_a_search_guided_by_coverage_finds_nothing(
    target: str, known: list[str], runs: int, channel_seeds: str, tmp_path: Path
) -> None:
    known = known or [channel_seeds]
    found = ROOT / "build" / "fuzz" / target
    found.mkdir(parents=True, exist_ok=True)
    corpus = found / "corpus" if SECONDS else tmp_path
    corpus.mkdir(exist_ok=True)
    bounds = [f"-max_total_time={SECONDS}"] if SECONDS else ["-seed=1", f"-runs={runs}"]
    argv = [sys.executable, "-m", f"tests.fuzz.{target}", *bounds, "-max_len=1024"]
    argv += [f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEBIBYTES}", f"-artifact_prefix={found}/"]
    search = subprocess.run(
        [*argv, str(corpus), *known],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=False,
        capture_output=True,
        text=True,
    )
    # Atheris prints the exception to the standard output and libFuzzer the progress to the other one.
    crashes = [path.read_bytes() for path in sorted(found.glob("crash-*"))]
    last = f"{search.stderr[-1000:]}\n{search.stdout[-3000:]}\ninputs that failed: {crashes}"
    print(last)
    assert search.returncode == 0, last
    assert "Done" in search.stderr, last
