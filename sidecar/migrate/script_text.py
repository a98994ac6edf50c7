"""The usual scripts of keepalived, as checks of our own kinds: a probe, and exits that say how it ended.

Only what is understood whole is taken. A script with a command that is neither a probe nor one of the usual
actions stays a program.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.migrate.command import command
from sidecar.migrate.probe import Probe, counted, opposite

_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*")
_ASSIGNMENT: Final = re.compile(r"(?:local\s+|export\s+)?([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SUBSTITUTION: Final = re.compile(r"[\"']?(?:\$\((.*)\)|`(.*)`)[\"']?", re.DOTALL)
_CONDITION: Final = re.compile(
    r"\[{1,2}\s+[\"']?\$\{?(\w+|\?)\}?[\"']?\s*(-eq|-ne|-gt|-ge|-lt|==|!=|=)\s*[\"']?([0-9]{1,5})[\"']?\s+\]{1,2}"
)
_INLINE: Final = re.compile(
    r"\[{1,2}\s+[\"']?(?:\$\((.*)\)|`(.*)`)[\"']?(\s*(?:-eq|-ne|-gt|-ge|-lt|==|!=|=)\s*[\"']?[0-9]{1,5}[\"']?\s+\]{1,2})"
)
_EMPTY: Final = re.compile(r"\[{1,2}\s+(!\s+)?(-[zn])\s+[\"']?\$\{?(\w+)\}?[\"']?\s+\]{1,2}")
_INLINE_EMPTY: Final = re.compile(r"\[{1,2}\s+((?:!\s+)?-[zn])\s+[\"']?(?:\$\((.*)\)|`(.*)`)[\"']?\s+\]{1,2}")
_EXIT: Final = re.compile(r"(?:exit|return)(?:\s+(\d+|\$\?))?")
_START: Final = re.compile(
    r"(?:systemctl|service|/etc/init\.d/\S+|rc-service)\b.*\b(?:start|restart|reload)\b.*"
)
_BINARY: Final = re.compile(
    r"(?:sudo\s+)?/?[\w./-]*\b(?:nginx|haproxy|httpd|apache2)(?:\s+-[cp]\s+\S+|\s+start)*"
)
_STOP: Final = re.compile(
    r"(?:(?:systemctl|service)\b.*\bkeepalived\b.*|/etc/(?:rc\.d/)?init\.d/keepalived\s+stop"
    r"|(?:killall|pkill)\b[^|]*\bkeepalived\b|kill\b.*keepalived.*)"
)
_HARMLESS: Final = re.compile(r"(?:echo|printf|logger|sleep|date|set|source|true|:|cd|ulimit)\b.*|PATH=.*")
_HTTP_STATUS: Final = range(100, 600)
_MOST: Final = 16 * 1024
_LONGEST_LINE: Final = 2000


@dataclass(frozen=True, slots=True)
class Script:
    """The question that a script asks, and its other effects."""

    probe: Probe
    starts: bool = False
    """It starts the service that it found dead."""
    stops: bool = False
    """It stops keepalived."""


def script(text: str) -> Script | None:
    """Return what a script asks, or None if it is not one of the usual ones."""
    if len(text) > _MOST or any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        return None
    reader = _Reader()
    for item in _items(text):
        if not reader.take(item):
            return None
    return reader.result()


def _items(text: str) -> Iterator[str]:
    """Yield commands, conditions and words such as `then`, one by one, `||` and `&&` between them."""
    joined = re.sub(r"\\\r?\n", " ", text)
    for line in joined.splitlines():
        for part in re.split(
            r"(;|\|\||&&)(?=(?:[^\"'`]|\"[^\"]*\"|'[^']*'|`[^`]*`)*$)", _COMMENT.sub("", line)
        ):
            item = part.strip()
            while word := re.match(r"(if|elif|then|else|fi|do|done|while|!)(?:\s+|$)", item):
                yield word[1]
                item = item[word.end() :].strip()
            if item and item != ";":
                yield item


@dataclass(slots=True)
class _Reader:
    """Follows a script: what each branch says of the service, and whether its exits say the same."""

    probes: list[Probe] = field(default_factory=list)
    variables: dict[str, Probe] = field(default_factory=dict)
    state: list[bool | None] = field(default_factory=list)
    """For each open `if`: whether the service is well in the branch that is being read."""
    condition: bool | None = None
    """The meaning of the last condition or command for the service where it is true."""
    negated: bool = False
    after: str = ""
    decided: bool = False
    agreed: set[bool] = field(default_factory=set)
    """For each exit that says something: whether it says what the probe says."""
    counted: bool = False
    """More than one process was wanted."""
    starts: bool = False
    stops: bool = False
    last_was_probe: bool = False

    def take(self, item: str) -> bool:
        """Read one item, and say whether it is understood."""
        if item in ("if", "while", "elif"):
            if item == "elif" and self.state:
                self.state.pop()
            self.negated, self.after = False, ""
            return item != "while"
        if item == "!":
            self.negated = True
            return True
        if item in ("then", "else", "fi", "do", "done"):
            return self._structure(item)
        if item in ("||", "&&"):
            self.after = item
            return True
        understood = self._command(item)
        self.negated, self.after = False, ""
        return understood

    def result(self) -> Script | None:
        """Return what was read, if it is one question whose answer the exits give."""
        targets = {probe.target for probe in self.probes}
        if len(targets) != 1 or self.state:
            return None
        if not self.decided and not self.last_was_probe:
            return None
        fullest = max(self.probes, key=lambda probe: len(probe.keys))
        if fullest.kind == "file" and self.agreed == {False} and not self.stops:
            fullest = opposite(fullest)
        elif False in self.agreed:
            return None
        return Script(counted(fullest) if self.counted else fullest, self.starts, self.stops)

    def _structure(self, item: str) -> bool:
        if item == "then":
            self.state.append(self.condition)
        elif item == "else":
            if not self.state:
                return False
            known = self.state.pop()
            self.state.append(None if known is None else not known)
        elif item == "fi":
            if not self.state:
                return False
            self.state.pop()
        else:
            return False
        return True

    def _here(self) -> bool | None:
        """Say whether the service is well where the reader is, as far as that is known."""
        if self.after and self.condition is not None:
            return self.condition == (self.after == "&&")
        return next((state for state in reversed(self.state) if state is not None), None)

    def _command(self, item: str) -> bool:
        ended = _EXIT.fullmatch(item)
        if ended:
            self._exit(ended[1] or "0")
            return True
        if item.startswith("test "):
            item = f"[ {item.removeprefix('test ')} ]"
        if item.startswith("["):
            return self._test(item)
        if _STOP.fullmatch(item):
            self.stops = self.decided = True
            self.agreed.add(self._here() is not True)
            return True
        assigned = _ASSIGNMENT.fullmatch(item)
        if assigned and not _SUBSTITUTION.fullmatch(assigned[2].strip()):
            return True
        if assigned:
            inside = _SUBSTITUTION.fullmatch(assigned[2].strip())
            return inside is not None and self._probe(inside[1] or inside[2], assigned[1])
        if (_START.fullmatch(item) and "keepalived" not in item) or _BINARY.fullmatch(item):
            self.starts, self.last_was_probe = True, False
            self.condition = None
            return True
        if _HARMLESS.fullmatch(item):
            self.last_was_probe = False
            return True
        return self._probe(item)

    def _probe(self, text: str, variable: str = "") -> bool:
        found = command(text)
        if found is None:
            return False
        self.probes.append(found)
        self.condition = not self.negated
        self.last_was_probe = not variable and not self.negated
        if variable:
            self.variables[variable] = found
        return True

    def _exit(self, code: str) -> None:
        if code == "$?":
            self.decided = True
            return
        here = self._here()
        if here is None:
            # An exit after the last `fi` is for what no branch has ended, and nothing else counts then.
            self.last_was_probe = False
            return
        self.decided = True
        self.agreed.add(here == (code == "0"))

    def _test(self, item: str) -> bool:
        """Read `[ $count -eq 0 ]`, `[ $? -ne 0 ]`, `[ -z "$pids" ]` and `[ "$code" != 200 ]`."""
        empty = _EMPTY.fullmatch(item)
        if empty:
            well = (empty[2] == "-n") != bool(empty[1])
            return self._decide(empty[3], well)
        inline = _INLINE.fullmatch(item)
        if inline:
            return self._inline(inline[1] or inline[2], f"[ $_ {inline[3]}")
        inline = _INLINE_EMPTY.fullmatch(item)
        if inline:
            return self._inline(inline[2] or inline[3], f"[ {inline[1]} $_ ]")
        match = _CONDITION.fullmatch(item)
        if match is None:
            return self._probe(item)
        name, operator, number = match[1], match[2], int(match[3])
        equal = operator in ("-eq", "==", "=")
        if name == "?":
            return self._decide(name, equal == (number == 0))
        self.counted |= number > 1 and number not in _HTTP_STATUS
        if number in _HTTP_STATUS and operator in ("-eq", "==", "=", "-ne", "!="):
            return self._status(name, number, equal=equal)
        well = {"-gt": True, "-ge": number > 0, "-lt": False}.get(operator, equal == (number > 0))
        return self._decide(name, well)

    def _inline(self, text: str, test: str) -> bool:
        """Read a test of what a command prints as one of a variable that holds it."""
        negated = self.negated
        understood = self._probe(text, "_")
        self.negated = negated
        return understood and self._test(test)

    def _status(self, name: str, number: int, *, equal: bool) -> bool:
        probe = self.variables.get(name)
        if probe is None or probe.kind != "http":
            return False
        exact = Probe(
            probe.kind,
            probe.value,
            {**probe.keys, "expect.status": str(number)},
            probe.caveats,
            probe.timeout,
        )
        self.probes.insert(0, exact)
        return self._decide(name, equal)

    def _decide(self, name: str, well: bool) -> bool:
        if (name != "?" and name not in self.variables) or not self.probes:
            return False
        self.condition = well != self.negated
        self.last_was_probe = self.condition
        return True


def is_script(path: str, text: str) -> bool:
    """Say whether a file is a script of a shell, and no program."""
    first = text[:80].splitlines()[0] if text else ""
    shell = (
        posixpath.basename(first.removeprefix("#!").split()[0])
        if first.startswith("#!") and first[2:].split()
        else ""
    )
    return shell in ("sh", "bash", "dash", "env") or (not shell and path.endswith(".sh"))
