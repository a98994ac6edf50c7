"""Each file in bad/ is refused with exactly the text beside it; good/ loads with exactly its warnings.

Modules: config.across.*, config.check.*, config.pool.*, config.router.*, config.values.*, config.yaml.*,
config.mistake, config.pace, config.plain, config.rules, config.strict_model.
"""

import os
from pathlib import Path

import pytest

from sidecar.config.load import load
from sidecar.config.mistake import ConfigError, Severity

HERE = Path(__file__).parents[2] / "config"
KEYS = {
    "one": b"1" * 32,
    "two": b"2" * 64 + b"\n",
    "hex": b"hex:" + b"0123456789abcdefABCDEF" * 4,
    "one-in-hex": b"hex:" + b"31" * 32 + b"\n",
    "exposed": b"3" * 32,
    "short": b"4" * 31,
    "large": b"5" * 1025,
    "crlf": b"6" * 32 + b"\r\n",
    "odd-hex": b"hex:" + b"7" * 65,
}
GOOD_ENVIRON = {"PRIORITY": "250", "SELF": "10.77.0.11", "PEER": "10.77.0.12"}


def expected(path: Path) -> str:
    beside = path.with_suffix(".expected")
    return beside.read_text() if beside.exists() else ""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder that files of the corpus call ${KEYS}."""
    folder = tmp_path_factory.mktemp("keys")
    for name, content in KEYS.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o640 if name == "exposed" else 0o600)
    os.mkfifo(folder / "pipe")
    return str(folder)


def relative(text: str, path: Path) -> str:
    return text.replace(str(path), path.name)


@pytest.mark.parametrize("path", sorted((HERE / "bad").glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_file_is_refused_with_exactly_these_mistakes(path: Path, keys: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(path, {"KEYS": keys}, "host-a")
    assert relative(f"{raised.value}\n", path) == expected(path)
    assert any(mistake.severity is Severity.ERROR for mistake in raised.value.mistakes)


@pytest.mark.parametrize("path", sorted((HERE / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_good_file_loads_with_exactly_these_warnings(path: Path, keys: str) -> None:
    loaded = load(path, GOOD_ENVIRON | {"KEYS": keys}, "host-a")
    assert loaded.config.node == "host-a"
    assert relative("".join(f"{warning}\n" for warning in loaded.warnings), path) == expected(path)


def test_the_corpus_is_there() -> None:
    assert len(list((HERE / "bad").glob("*.yaml"))) == len(list((HERE / "bad").glob("*.expected"))) > 140
    assert len(list((HERE / "good").glob("*.yaml"))) > 20
