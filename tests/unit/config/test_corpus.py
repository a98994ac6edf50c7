"""Each file in bad/ is refused with exactly the text beside it; good/ loads with exactly its warnings."""

from pathlib import Path

import pytest

from sidecar.config.load import load
from sidecar.config.mistake import ConfigError, Severity

HERE = Path(__file__).parent
GOOD_ENVIRON = {"PRIORITY": "250", "SELF": "10.77.0.11", "PEER": "10.77.0.12"}


def expected(path: Path) -> str:
    beside = path.with_suffix(".expected")
    return beside.read_text() if beside.exists() else ""


def relative(text: str, path: Path) -> str:
    return text.replace(str(path), path.name)


@pytest.mark.parametrize("path", sorted((HERE / "bad").glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_file_is_refused_with_exactly_these_mistakes(path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(path, {}, "host-a")
    assert relative(f"{raised.value}\n", path) == expected(path)
    assert any(mistake.severity is Severity.ERROR for mistake in raised.value.mistakes)


@pytest.mark.parametrize("path", sorted((HERE / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_good_file_loads_with_exactly_these_warnings(path: Path) -> None:
    loaded = load(path, GOOD_ENVIRON, "host-a")
    assert loaded.config.node == "host-a"
    assert relative("".join(f"{warning}\n" for warning in loaded.warnings), path) == expected(path)


def test_the_corpus_is_there() -> None:
    assert len(list((HERE / "bad").glob("*.yaml"))) == len(list((HERE / "bad").glob("*.expected"))) > 90
    assert len(list((HERE / "good").glob("*.yaml"))) > 5
