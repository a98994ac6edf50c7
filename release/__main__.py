"""`python -m release image|all`: what a release consists of, in a folder. Nothing leaves this machine.

`image`: an archive of the image for each architecture that this machine can build, with its bill of
materials. `all`: the wheel besides, sums of all, and their signature if there is a key. With `--twice` each
image is built a second time from nothing, and differences are an error.
"""

import argparse
import gzip
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from release import archive, bill, commands, layer, sums
from sidecar import __version__

NAME: Final = "vip-sidecar"
_LEVEL: Final = 6


def say(line: str) -> None:
    """Tell on stdout what was made."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def image(architecture: str, folder: Path, options: argparse.Namespace) -> list[Path]:
    """Make the archive and the bill of one architecture."""
    since = commands.epoch()
    tag = f"{NAME}:{__version__}"
    file = folder / f"{NAME}-{__version__}-{architecture}.tar"
    arguments = {
        "REVISION": commands.revision(),
        "VERSION": __version__,
        "CREATED": archive.when(since),
    }
    extra = shlex.split(options.build)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        digests = []
        for turn in range(2 if options.twice else 1):
            built = commands.build(architecture, tag, arguments, [*extra, *(["--no-cache"] if turn else [])])
            with commands.exported(tag) as files:
                known = list(layer.entries(files))
            flat = layer.write(iter(known), since, Path(scratch, "layer.tar"))
            digests.append(archive.write(built, flat, tag, since, file))
        if len(set(digests)) > 1:
            raise SystemExit(f"linux/{architecture}: two builds differ: {' and '.join(digests)}")
    records = [(each.info.name, each.content) for each in known if bill.is_record(each.info.name)]
    found = bill.components((name, content) for name, content in records if content is not None)
    document = bill.document(NAME, __version__, digests[0], since, found)
    listed = folder / f"{NAME}-{__version__}-{architecture}.cdx.json"
    listed.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    packed = _packed(file)
    say(commands.said_version(packed, tag))
    say(
        f"linux/{architecture}: {digests[0]}{', built twice' if options.twice else ''}, "
        f"{len(found)} packages, {flat.size / 1e6:.0f} MB, compressed {packed.stat().st_size / 1e6:.0f} MB"
    )
    return [packed, listed]


def _packed(file: Path) -> Path:
    target = file.with_name(f"{file.name}.gz")
    with (
        file.open("rb") as plain,
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)
    file.unlink()
    return target


def images(folder: Path, options: argparse.Namespace) -> list[Path]:
    """Make those that this machine can build, and say of the others what can be known here."""
    made = []
    for architecture in commands.MACHINES:
        if commands.runs(architecture):
            made += image(architecture, folder, options)
            continue
        commands.has_wheels(architecture)
        say(
            f"linux/{architecture}: not built, since this machine cannot run its programs; "
            "every package of the lock has a wheel for it"
        )
    return made


def everything(folder: Path, options: argparse.Namespace) -> list[Path]:
    """Make images, wheel, sums, and the signature if there is a key."""
    made = [commands.wheel(folder, commands.epoch()), *images(folder, options)]
    total = sums.write(folder, made)
    say(f"{total.name}: {len(made)} files")
    if options.key is None:
        say("not signed: no --key")
        return [*made, total]
    return [*made, total, sums.sign(total, options.key)]


def main() -> int:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("what", choices=["image", "all"])
    parser.add_argument("--into", type=Path, default=Path("dist"), help="folder (dist)")
    parser.add_argument("--twice", action="store_true", help="build each image twice and compare")
    parser.add_argument("--key", type=Path, help="private key in PEM (EC, P-256) that signs the sums")
    parser.add_argument("--build", default="", help="options for `docker build`, such as '--network host'")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    try:
        made = (everything if options.what == "all" else images)(options.into, options)
    except (subprocess.CalledProcessError, sums.SigningError, OSError) as error:
        sys.stderr.write(f"no release: {error}\n")
        return 1
    for file in made:
        say(f"  {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
