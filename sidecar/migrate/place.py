"""Where something stands in a keepalived.conf, and the error that stops the translation."""

from dataclasses import dataclass

from sidecar.config.mistake import ConfigError, Mistake


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """File, line and column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def refused(place: Place, code: str, message: str) -> ConfigError:
    """Return the error for a file that cannot be translated because of what stands at this place."""
    return ConfigError((Mistake(place.file, place.line, place.column, code, message),))
