"""Which container is meant: by its name or id, or by labels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContainerSelection:
    """A `name` (or an id), or `labels` that a container must all have: `key=value`, or `key` alone."""

    name: str = ""
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name or " and ".join(f"label {label}" for label in self.labels)
