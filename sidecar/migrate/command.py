"""One command without control structures, as a check of our own kind: `killall -0 nginx`, `curl -f URL`."""

import posixpath
import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final

from sidecar.migrate.command_http import curl, wget
from sidecar.migrate.command_options import options
from sidecar.migrate.probe import Probe

_REDIRECTION: Final = re.compile(r"(?:[0-9]|&)?>{1,2}\s*(?:&[0-9-]|[^\s;|&]+)|<\s*/dev/null")
_DEV_TCP: Final = re.compile(r"<\s*/dev/tcp/([A-Za-z0-9_.:-]+)/([0-9]{1,5})")
_BY_PID_FILE: Final = re.compile(
    r"kill\s+-(?:0|s\s+0)\s+[\"']?(?:\$\(\s*(?:cat|<)\s*([^\s)]+)\s*\)|`\s*cat\s+([^\s`]+)\s*`)[\"']?"
)
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
_PORT: Final = re.compile(r"(?<![0-9.])[:.]?([0-9]{1,5})(?![0-9.])")
_ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+")
_WRAPPERS: Final = frozenset({"sudo", "exec", "env", "nice", "command", "chroot"})
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash"})
_LARGEST_PORT: Final = 65535
_UNIT: Final = "the unit's name is taken for the name of its process"


def command(text: str) -> Probe | None:
    """Return the check that asks what this command asks, or None."""
    match = _DEV_TCP.search(text)
    if match:
        return _tcp(match[1], match[2])
    match = _BY_PID_FILE.search(text)
    if match:
        return _by_pid_file(match[1] or match[2])
    parts = _pipeline(_REDIRECTION.sub(" ", text))
    if not parts or not all(parts):
        return None
    return _simple(parts[0]) if len(parts) == 1 else _piped(parts)


def split(text: str) -> list[str] | None:
    """Return the words of a command as a shell reads them; None if a quotation is open."""
    try:
        return shlex.split(text)
    except ValueError:
        return None


def _pipeline(text: str) -> list[list[str]]:
    """Return the commands between the bars; none if the text is more than a pipeline."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        return []
    parts: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            parts.append([])
        elif word and set(word) <= set("|&;()<>"):
            return []
        else:
            parts[-1].append(word)
    return parts


def _simple(argv: Sequence[str]) -> Probe | None:
    name = posixpath.basename(argv[0])
    rest = list(argv[1:])
    if name in _WRAPPERS and rest:
        return _simple(rest)
    if name == "timeout" and len(rest) > 1:
        return _simple(rest[1:])
    if name in _SHELLS and len(rest) > 1 and rest[0] in ("-c", "-lc", "-ec"):
        return command(rest[1])
    if posixpath.dirname(argv[0]) == "/etc/init.d":
        return _unit(name) if rest == ["status"] else None
    reader = _READERS.get(name)
    return reader(rest) if reader else None


def _process(arguments: Sequence[str]) -> Probe | None:
    """Read `pidof nginx` and `pgrep -x nginx`."""
    given = options(arguments, flags="xscqoneafl", valued="uUGPdo")
    if given is None or len(given.words) != 1:
        return None
    return _of_name(given.words[0], pattern="f" in given.flags)


def _signal_zero(arguments: Sequence[str]) -> Probe | None:
    """Read `killall -0 nginx` and `pkill -0 nginx`."""
    words = [word for word in arguments if word not in ("-0", "-q", "-e", "-x", "-w", "-s", "0", "--quiet")]
    if "-0" not in arguments and not {"-s", "0"} <= {*arguments}:
        return None
    return _of_name(words[0]) if len(words) == 1 else None


def _of_name(word: str, *, pattern: bool = False) -> Probe | None:
    name = posixpath.basename(word).replace("[", "", 1).replace("]", "", 1)
    if not _NAME.fullmatch(name):
        return None
    caveat = ("the whole command line was searched, here the name of the process counts",) if pattern else ()
    return Probe("process", name, caveats=caveat)


def _unit(name: str) -> Probe | None:
    found = _of_name(name.removesuffix(".service"))
    return found and Probe(found.kind, found.value, caveats=(_UNIT,))


def _systemctl(arguments: Sequence[str]) -> Probe | None:
    words = [word for word in arguments if not word.startswith("-")]
    return _unit(words[1]) if len(words) == 2 and words[0] in ("is-active", "status") else None  # noqa: PLR2004


def _service(arguments: Sequence[str]) -> Probe | None:
    return _unit(arguments[0]) if len(arguments) == 2 and arguments[1] == "status" else None  # noqa: PLR2004


def _by_pid_file(path: str) -> Probe | None:
    found = _of_name(posixpath.basename(path.strip("\"'")).removesuffix(".pid"))
    return found and Probe(
        "process", found.value, caveats=("the name of the pid file is taken for the process's",)
    )


def _netcat(arguments: Sequence[str]) -> Probe | None:
    given = options(arguments, flags="zvnN46t", valued="wGi")
    if given is None or len(given.words) != 2:  # noqa: PLR2004
        return None
    found = _tcp(*given.words)
    return found and Probe(found.kind, found.value, timeout=given.seconds("w"))


def _tcp(host: str, port: str) -> Probe | None:
    if not port.isdecimal() or not 1 <= int(port) <= _LARGEST_PORT:
        return None
    host = "127.0.0.1" if host == "localhost" else host
    return Probe("tcp", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def _ping(arguments: Sequence[str]) -> Probe | None:
    given = options(arguments, flags="qn46fA", valued="cwWiIst")
    if given is None or len(given.words) != 1 or not _ADDRESS.fullmatch(given.words[0]):
        return None
    count = given.values.get("c", "1")
    several = count.isdecimal() and 1 < int(count) <= 20  # noqa: PLR2004
    # ping succeeds if one of its requests is answered
    keys: dict[str, str | int] = (
        {"count": int(count), "max_loss": f"{100 - 100 // int(count)}%"} if several else {}
    )
    caveats = (
        (f"sent from {given.values['I']} there, by the routing table here",) if "I" in given.values else ()
    )
    return Probe("icmp", given.words[0], {**keys}, caveats, given.seconds("W"))


def _test(arguments: Sequence[str]) -> Probe | None:
    words = [word for word in arguments if word != "]"]
    there = words[:1] != ["!"]
    words = words if there else words[1:]
    if len(words) != 2 or words[0] not in ("-f", "-e") or not words[1].startswith("/"):  # noqa: PLR2004
        return None
    return Probe("file", words[1], {"present": True} if there else {})


_READERS: Final[dict[str, Callable[[Sequence[str]], Probe | None]]] = {
    "pidof": _process,
    "pgrep": _process,
    "killall": _signal_zero,
    "pkill": _signal_zero,
    "systemctl": _systemctl,
    "service": _service,
    "rc-service": _service,
    "curl": curl,
    "wget": wget,
    "nc": _netcat,
    "ncat": _netcat,
    "netcat": _netcat,
    "ps": lambda arguments: _ps(["ps", *arguments], []),
    "ping": _ping,
    "ping6": _ping,
    "[": _test,
    "test": _test,
}


def _piped(parts: Sequence[Sequence[str]]) -> Probe | None:
    """Read `ps -ef | grep nginx | grep -v grep | wc -l` and its like."""
    name = posixpath.basename(parts[0][0])
    if any(posixpath.basename(part[0]) not in ("grep", "egrep", "fgrep", "wc") for part in parts[1:]):
        return None
    sought = [
        word for part in parts[1:] for word in _sought(part) if word not in ("LISTEN", "LISTENING", "tcp")
    ]
    if name == "ps":
        return _ps(parts[0], sought)
    if name == "pgrep" and not sought:
        return _process(parts[0][1:])
    if len(sought) != 1:
        return None
    if name in ("ss", "netstat"):
        match = _PORT.search(sought[0])
        found = _tcp("127.0.0.1", match[1]) if match else None
        caveat = "the port was looked for in a list, here it is connected to"
        return found and Probe(found.kind, found.value, caveats=(caveat,))
    if name == "docker" and parts[0][1:2] == ["ps"]:
        return Probe("container", sought[0]) if _NAME.fullmatch(sought[0]) else None
    if name in ("curl", "wget"):
        found = _simple(parts[0])
        plain = found and re.fullmatch(r"[A-Za-z0-9 _:/<>\"',=-]+", sought[0])
        if found is None or not plain:
            return None
        keys = {**found.keys, "expect.body": sought[0]}
        return Probe(found.kind, found.value, keys, found.caveats, found.timeout)
    return None


def _sought(part: Sequence[str]) -> list[str]:
    """Return the texts that a part of a pipeline looks for; none for `grep -v grep` and `wc -l`."""
    words = [word for word in part[1:] if not word.startswith("-")]
    inverted = any(re.fullmatch(r"-[A-Za-z]*v[A-Za-z]*", word) for word in part[1:])
    return [] if inverted or part[0].endswith("wc") else words


def _ps(part: Sequence[str], sought: Sequence[str]) -> Probe | None:
    if "-C" in part[:-1]:
        return _of_name(part[part.index("-C") + 1])
    return _of_name(sought[0].replace(": master process", ""), pattern=True) if len(sought) == 1 else None
