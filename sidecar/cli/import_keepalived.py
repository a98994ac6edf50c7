"""`import`: a keepalived.conf, or those of a pair, as our configuration. It writes where it is told."""

import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from sidecar.cli import exit_codes
from sidecar.config.mistake import ConfigError
from sidecar.migrate.files import MAX_BYTES, HostFiles, as_text
from sidecar.migrate.report import data, report
from sidecar.migrate.result import CONFIG, Result
from sidecar.migrate.run import Input, run

_SECRET_MODE = 0o600


def execute(arguments: Namespace) -> int:
    """Run the verb: 0 if nothing is left to do, 1 if something is to decide, 2 if nothing usable came out."""
    inputs = []
    for path in arguments.files:
        text = _read(path)
        if text is None:
            return exit_codes.BROKEN
        inputs.append(Input(str(path), text))
    try:
        result = run(inputs, arguments.id or (), HostFiles(arguments.root), os.environ)
    except ConfigError as error:
        sys.stderr.writelines(f"{mistake}\n" for mistake in error.mistakes)
        return exit_codes.BROKEN
    if arguments.check_peer and arguments.output == "json":
        sys.stdout.write(json.dumps({"beside_keepalived": list(result.peer)}) + "\n")
    elif arguments.check_peer:
        sys.stdout.writelines(f"{line}\n" for line in result.peer)
    elif arguments.into is not None:
        if not _write(result, arguments.into):
            return exit_codes.BROKEN
        _say(result, arguments.output)
    else:
        _show(result, arguments.output)
    if result.errors:
        return exit_codes.BROKEN
    return exit_codes.DEGRADED if result.undecided else exit_codes.OK


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{path} cannot be read ({error}); check the path\n")
        return None
    if len(content) > MAX_BYTES:
        sys.stderr.write(f"{path} is larger than {MAX_BYTES} bytes; this is no keepalived.conf\n")
        return None
    return as_text(content)


def _show(result: Result, output: str) -> None:
    """Print the configuration on stdout and all else on stderr, or all of it as JSON."""
    if output == "json":
        _say(result, output)
        return
    sys.stdout.write(result.files[CONFIG])
    sys.stdout.flush()
    sys.stderr.write(report(result))
    for name, text in result.files.items():
        if name != CONFIG:
            sys.stderr.write(f"\n# {name}\n{text}")


def _say(result: Result, output: str) -> None:
    if output == "json":
        json.dump(data(result), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(report(result))


def _write(result: Result, folder: Path) -> bool:
    """Write all files below a folder, none if one of them is there already."""
    targets = {folder / name: text for name, text in (result.files | result.secret_files).items()}
    there = [str(path) for path in targets if path.exists()]
    if there:
        sys.stderr.write(
            f"there already, so nothing was written: {', '.join(there)}; move it, or name another folder\n"
        )
        return False
    try:
        for path, text in targets.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            secret = path.relative_to(folder).as_posix() in result.secret_files or ".env" in path.name
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _SECRET_MODE if secret else 0o644
            )
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be written ({error.strerror}); name another folder\n")
        return False
    return True
