"""How a container is written in the file: by its name or id, or by labels, as compose and Swarm give them."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from sidecar.config.mistake import did_you_mean, quoted
from sidecar.config.values.scalars import text
from sidecar.config.values.spelling import wrong
from sidecar.plan.container import ContainerSelection

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}(=[ -~]{0,255})?")
_MOST: Final = 8
_EXAMPLE: Final = "`{label: com.docker.compose.service=nginx}`"


def container_selection(value: object) -> ContainerSelection:
    """`nginx-a`, `{label: key=value}` or `{label: [key=value, ...]}`."""
    if isinstance(value, ContainerSelection):
        return value
    if isinstance(value, dict):
        return ContainerSelection(labels=_labels(value))
    if isinstance(value, list):
        raise wrong("container", f"a list stands where one container belongs; write a name or {_EXAMPLE}")
    name = text(value)
    if not _NAME.fullmatch(name):
        message = f"{quoted(name)} is no container name; write it as `docker ps` shows it, or {_EXAMPLE}"
        raise wrong("container", message)
    return ContainerSelection(name)


def _labels(mapping: dict[object, object]) -> tuple[str, ...]:
    unknown = [key for key in mapping if key != "label"]
    if unknown or "label" not in mapping:
        hint = did_you_mean(str(unknown[0]), ("label",)) if unknown else ""
        found = f"there is no key {quoted(unknown[0])} in a container" if unknown else "`label` is missing"
        raise wrong("container", f"{found}{hint or f'; write a name or {_EXAMPLE}'}")
    given = mapping["label"]
    labels = given if isinstance(given, list) else [given]
    if not 1 <= len(labels) <= _MOST:
        raise wrong("container", f"these are {len(labels)} labels; write 1 to {_MOST}")
    return tuple(_label(label) for label in labels)


def _label(value: object) -> str:
    label = text(value)
    if not _LABEL.fullmatch(label):
        raise wrong("container", f"{quoted(label)} is no label; write key=value, such as {_EXAMPLE}")
    return label


Container = Annotated[
    ContainerSelection, BeforeValidator(container_selection), "container name or `{label: key=value}`"
]
