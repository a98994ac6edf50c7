"""Programs that the file names: whether they may be run on this host."""

from collections.abc import Iterator

from sidecar.config.mistake import Finding, Path, quoted
from sidecar.programs.safe_path import UnsafeProgramError, safe_path


def unsafe(program: str, where: Path) -> Iterator[Finding]:
    """Yield why a program may not be run: it must be root's alone to change. Each run asks that again."""
    if not program.startswith("/"):
        message = f"{quoted(program)} is no absolute path; nothing is searched for, write it from / on"
        yield Finding(where, "program", message)
        return
    try:
        safe_path(program)
    except UnsafeProgramError as error:
        yield Finding(where, "program", str(error))
    except OSError as error:
        message = f"{quoted(program)} cannot be run ({error.strerror}); check the path"
        yield Finding(where, "program", message)
