"""The rules and the routes as they are deployed, with every duration divided: an hour takes three minutes.

`python -m tests.monitoring.compressed FOLDER` writes them, to be looked at.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from tests.monitoring.promtool import ROOT, RULES

FACTOR: Final = 20
ALERTMANAGER: Final = ROOT / "lab" / "alertmanager" / "alertmanager.yml"
_SPAN: Final = r"(\d+)([smhd])"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def divided(span: str) -> str:
    """Return a duration of Prometheus, divided."""
    number, unit = re.fullmatch(_SPAN, span).groups()  # type: ignore[union-attr]
    return f"{int(number) * _SECONDS[unit] * 1000 // FACTOR}ms"


def rules(file: Path) -> dict[str, Any]:
    """Return a file of rules: how long a condition must last, and over which time is counted."""
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for group in document["groups"]:
        for rule in group["rules"]:
            rule["expr"] = re.sub(rf"\[({_SPAN})\]", lambda match: f"[{divided(match[1])}]", rule["expr"])
            if "for" in rule:
                rule["for"] = divided(rule["for"])
    return document


def routes(url: str) -> dict[str, Any]:
    """Return the configuration of Alertmanager, whose messages go to this URL."""
    document: dict[str, Any] = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))
    for name in ("group_wait", "group_interval", "repeat_interval"):
        document["route"][name] = divided(document["route"][name])
    for receiver in document["receivers"]:
        for webhook in receiver["webhook_configs"]:
            webhook["url"] = url
    return document


def write(folder: Path) -> list[Path]:
    """Write every file of rules there."""
    written = [folder / file.name for file in RULES]
    for file, into in zip(RULES, written, strict=True):
        into.write_text(yaml.safe_dump(rules(file)), encoding="utf-8")
    return written


if __name__ == "__main__":
    write(Path(sys.argv[1]))
