"""Words of the configuration language that this version does not have: refused, never skipped."""

from collections.abc import Iterator, Mapping

from sidecar.config.mistake import Finding, Path

TOP: dict[str, str] = {}
ROUTER: dict[str, str] = {}


def take_unsupported(raw: dict[str, object], path: Path, words: Mapping[str, str]) -> Iterator[Finding]:
    """Report and remove the keys of a mapping that this version does not have."""
    for key in words.keys() & raw.keys():
        del raw[key]
        yield absent((*path, key), words[key], f"remove `{key}`", at_key=True)


def absent(path: Path, feature: str, mend: str, *, at_key: bool = False) -> Finding:
    """The finding for a feature that this version lacks."""
    return Finding(path, "unsupported", f"this version does not have {feature}; {mend}", at_key=at_key)
