"""The configuration as a file: each value with the line that it comes from."""

from collections.abc import Iterable, Iterator
from typing import Final

from sidecar.migrate.entries import Entries, Entry, Value
from sidecar.migrate.place import Place
from sidecar.migrate.yaml_text import comment_text, yaml_text

_ORDER: Final = (
    "interface", "vrid", "priority", "addresses", "version", "advert_interval", "preempt", "preempt_delay",
    "startup_delay", "source", "unicast", "auth",
)  # fmt: skip
_COLUMN: Final = 44
_PROXY: Final = "unix:///run/docker-proxy/docker.sock"
_MOST_LINES: Final = 4


class ConfigFile:
    """Writes entries. `labels` are the names of the files in comments; none if there is one file."""

    def __init__(self, entries: Entries, labels: dict[str, str], made_of: str) -> None:
        self._entries = entries
        self._labels = labels
        self._made_of = made_of

    def text(self) -> str:
        """Return the whole file."""
        return "".join(f"{line.rstrip()}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        entries = self._entries
        yield f"# Made by `vip-sidecar import {comment_text(self._made_of)}`. What differs is in .env."
        if entries.node is not None:
            yield self._line("", "node", entries.node)
        yield "virtual_routers:"
        yield from self._section(entries.routers, _ORDER)
        if entries.sync_groups:
            yield "sync_groups:"
            for name, group in entries.sync_groups.items():
                yield self._line("  ", name, group)
        if entries.checks:
            yield "checks:"
            yield from self._section(entries.checks, ())
        if any("container" in entry.values for entry in entries.checks.values()):
            yield self._line("", "docker", Value({"url": _PROXY}, note="docs/docker.md"))
        if entries.pools:
            yield "pools:"
            yield from self._section(entries.pools, ())

    def _section(self, section: dict[str, Entry], order: Iterable[str]) -> Iterator[str]:
        ranks = {key: rank for rank, key in enumerate(order)}
        for name, entry in section.items():
            yield self._commented(f"  {name}:", entry.origins, "")
            heads = dict.fromkeys(key.partition(".")[0] for key in entry.values)
            for head in sorted(heads, key=lambda key: ranks.get(key, len(ranks))):
                yield from self._below(head, entry)
            for place, remark in entry.remarks:
                yield f"    # {self.places((place,))}: {comment_text(remark)}"

    def _below(self, head: str, entry: Entry) -> Iterator[str]:
        """Yield a key, or a mapping of the keys that begin with it."""
        if head in entry.values:
            yield self._line("    ", head, entry.values[head])
            return
        yield f"    {head}:"
        inner: dict[str, None] = {}
        for key, value in entry.values.items():
            if not key.startswith(f"{head}."):
                continue
            rest = key.removeprefix(f"{head}.")
            outer, _, last = rest.rpartition(".")
            if outer and outer not in inner:
                inner[outer] = None
                yield f"      {outer}:"
            yield self._line("        " if outer else "      ", last, value)

    def _line(self, indent: str, key: str, value: Value) -> str:
        return self._commented(f"{indent}{key}: {yaml_text(value.value)}", value.origins, value.note)

    def _commented(self, text: str, origins: tuple[Place, ...], note: str) -> str:
        said = "; ".join(part for part in (self.places(origins), note) if part)
        return f"{text:<{_COLUMN}} # {comment_text(said)}" if said else text

    def places(self, origins: tuple[Place, ...]) -> str:
        """Return where something comes from: `line 12`, or `lb1.conf:12, lb2.conf:14`."""
        by_file: dict[str, list[int]] = {}
        for place in sorted(set(origins)):
            lines = by_file.setdefault(place.file, [])
            if place.line not in lines:
                lines.append(place.line)
        parts = []
        for file, lines in by_file.items():
            shown = ", ".join(map(str, lines[:_MOST_LINES])) + (", ..." if len(lines) > _MOST_LINES else "")
            name = self._labels.get(file, file)
            parts.append(f"{name}:{shown}" if name else f"line{'s' if len(lines) > 1 else ''} {shown}")
        return ", ".join(parts)
