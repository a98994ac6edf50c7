"""The corpus of keepalived.conf files and what each becomes: `python -m tests.unit.migrate.corpus` renews it.

conf/ has files of one host, pairs/ folders with those of two, bad/ files that cannot be translated, root/ the
scripts and included files of their hosts.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sidecar.config.mistake import ConfigError
from sidecar.migrate.files import HostFiles, as_text
from sidecar.migrate.report import report
from sidecar.migrate.result import COMPOSE, Result
from sidecar.migrate.run import Input, run

HERE = Path(__file__).parent
ROOT = HERE / "root"
ENVIRON = {"IFACE": "eth0", "PRIORITY": "150"}
SINGLE = sorted((HERE / "conf").glob("*.conf"))
BAD = sorted((HERE / "bad").glob("*.conf"))
PAIRS = sorted(folder for folder in (HERE / "pairs").iterdir() if folder.is_dir())


def files_of(pair: Path) -> list[Path]:
    """Return the files of a pair."""
    return sorted(pair.rglob("*.conf"))


def imported(files: Sequence[Path]) -> Result:
    """Translate files, once, under the names that they have in messages."""
    return _imported(tuple(files))


@cache
def _imported(files: tuple[Path, ...]) -> Result:
    folder = (
        files[0].parent if len(files) == 1 else HERE / "pairs" / files[0].relative_to(HERE / "pairs").parts[0]
    )
    inputs = [Input(str(file.relative_to(folder)), as_text(file.read_bytes())) for file in files]
    return run(inputs, (), HostFiles(ROOT), ENVIRON)


def written(files: Sequence[Path]) -> str:
    """Return all that comes out, as it is committed."""
    result = imported(files)
    parts = [f"==> {name}\n{text}" for name, text in result.files.items() if name != COMPOSE]
    return "\n".join([report(result), *parts])


def refusal(file: Path) -> str:
    """Return what is said about a file that cannot be translated; "" if it was translated."""
    try:
        imported([file])
    except ConfigError as error:
        return f"{error}\n"
    return ""


def main() -> None:
    """Write what comes out today, to be read before it is committed."""
    for file in SINGLE:
        file.with_suffix(".expected").write_text(written([file]), encoding="utf-8")
    for pair in PAIRS:
        (pair / "expected").write_text(written(files_of(pair)), encoding="utf-8")
    for file in BAD:
        file.with_suffix(".expected").write_text(refusal(file), encoding="utf-8")


if __name__ == "__main__":
    main()
