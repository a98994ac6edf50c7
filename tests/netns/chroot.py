"""Daemons of the next Debian release, run from the folder that `.ci/peers` made."""

import os
from collections.abc import Sequence
from pathlib import Path

TREE = Path(os.environ.get("CI_STATE", "/var/tmp/vip-sidecar-ci")) / "peers"  # noqa: S108 - root's own
FOLDER = "/mnt"
"""Where a daemon in the tree sees its own folder."""

# Mounts are the daemon's own and end with it. Nothing can change the tree.
_ENTER = """
set -eu
tree=$1 folder=$2
shift 2
mount --bind "$tree" "$tree"
mount -o remount,bind,ro "$tree"
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
mount -t tmpfs tmpfs "$tree/var/tmp"
mount --bind "$folder" "$tree/mnt"
exec chroot "$tree" "$@"
"""


def inside(folder: Path, argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` in the tree, with a folder of the machine on /mnt."""
    return ["unshare", "--mount", "sh", "-c", _ENTER, "enter", str(TREE), str(folder), *argv]
