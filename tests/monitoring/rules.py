"""The rules as the files have them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.monitoring.promtool import RULES


@dataclass(frozen=True)
class Alert:
    """One alert, and what the receiver of its message is told."""

    name: str
    expression: str
    severity: str
    annotations: dict[str, str]


@cache
def _rules() -> list[dict[str, Any]]:
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in RULES]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> dict[str, Alert]:
    """Every alert by its name."""
    made = [
        Alert(rule["alert"], rule["expr"], rule["labels"]["severity"], rule["annotations"])
        for rule in _rules()
        if "alert" in rule
    ]
    return {alert.name: alert for alert in made}


def recorded() -> set[str]:
    """The names of what recording rules make."""
    return {rule["record"] for rule in _rules() if "record" in rule}


def expressions() -> list[str]:
    """Every expression of a rule."""
    return [rule["expr"] for rule in _rules()]
