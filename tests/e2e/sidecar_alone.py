"""The image by itself, as it is deployed: read-only, few capabilities, on a network that has only lo."""

from collections.abc import Iterable
from pathlib import Path

_FILE = "/etc/vip-sidecar/config.yaml"


def command(
    image: str,
    folder: Path,
    text: str,
    *options: str,
    capabilities: Iterable[str] = (),
    verb: str = "run",
) -> list[str]:
    """The words that run it with a configuration file, which is written into the folder."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    words = ["docker", "run", "--read-only", "--network", "none", "--tmpfs", "/run/vip-sidecar"]
    words += ["--cap-drop", "ALL", *(word for each in capabilities for word in ("--cap-add", each))]
    words += ["--volume", f"{folder}/config.yaml:{_FILE}:ro", *options, image, verb, "-c", _FILE]
    return words
