"""One command without control structures, as a check of our own kind: `killall -0 nginx`, `curl -f URL`."""

import posixpath
import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final

from sidecar.migrate.command_http import curl, said, wget
from sidecar.migrate.command_options import options
from sidecar.migrate.probe import Probe

_REDIRECTION: Final = re.compile(r"(?:[0-9]|&)?>{1,2}\s*(?:&[0-9-]|[^\s;|&]+)|<\s*/dev/null")
_DEV_TCP: Final = re.compile(r"[0-9]?(?:<>|<|>)\s*/dev/tcp/([A-Za-z0-9_.:-]+)/([0-9]{1,5})")
_READABLE: Final = re.compile(r"\s*<\s*(/[^\s;|&<>]+)\s*")
_BY_PID_FILE: Final = re.compile(
    r"kill\s+-(?:0|s\s+0)\s+[\"']?(?:\$\(\s*(?:cat|<)\s*([^\s)]+)\s*\)|`\s*cat\s+([^\s`]+)\s*`)[\"']?"
)
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
_ARGUMENT: Final = re.compile(
    r".*\.(?:jar|war|py|js|php|rb|pl|cfg|conf|cnf|ini|xml|json|ya?ml|toml|properties)"
)
"""Looks like a file that a process was given, and by whose name it is not called."""
_PORT: Final = re.compile(r"(?<![0-9.])[:.]?([0-9]{1,5})(?![0-9.])")
_ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+")
_WRAPPERS: Final = frozenset({"sudo", "exec", "env", "nice", "command", "chroot"})
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash"})
_TO_RUN: Final = frozenset({"-c", "-lc", "-ec"})
_LARGEST_PORT: Final = 65535
_LISTENING: Final = frozenset({"LISTEN", "LISTENING", "TCP"})
_RUNNING: Final = re.compile(r"(?:Active: )?active(?: \(running\))?|\(?running\)?")
_UNIT: Final = "the unit's name is taken for the name of its process"


def command(text: str) -> Probe | None:
    """Return the check that asks what this command asks, or None."""
    match = _DEV_TCP.search(text)
    if match:
        return _tcp(match[1], match[2]) if _is_all(text, match) else None
    match = _BY_PID_FILE.search(text)
    if match:
        return _by_pid_file(match[1] or match[2]) if _is_all(text, match) else None
    match = _READABLE.fullmatch(text)
    if match:
        return Probe("file", match[1], {"present": True})
    parts = _pipeline(_REDIRECTION.sub(" ", text))
    if not parts or not all(parts):
        return None
    return _simple(parts[0]) if len(parts) == 1 else _piped(parts)


def _is_all(text: str, match: re.Match[str]) -> bool:
    """Say whether nothing else is asked beside what matched."""
    rest = _REDIRECTION.sub(" ", text[: match.start()] + text[match.end() :])
    return not any(mark in rest for mark in ";|&")


def is_simple(text: str) -> bool:
    """Say whether a text is one program with its arguments, and nothing that only a shell understands."""
    return len(_pipeline(text)) == 1


def shell_text(text: str) -> str | None:
    """Return what a shell is given to run by `sh -c`; None if that is not what the text says."""
    argv = split(text) or []
    while argv and posixpath.basename(argv[0]) in _WRAPPERS:
        argv = argv[1:]
    if argv and posixpath.basename(argv[0]) == "timeout":
        argv = argv[2:]
    runs = len(argv) > 2 and posixpath.basename(argv[0]) in _SHELLS and argv[1] in _TO_RUN  # noqa: PLR2004
    return argv[2] if runs else None


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
    if name in _SHELLS and len(rest) > 1 and rest[0] in _TO_RUN:
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
    found = _of_name(given.words[0], pattern="f" in given.flags)
    if found is None or not given.values.keys() & set("uUGP"):
        return found
    caveats = (*found.caveats, "its user or parent is not asked for here")
    return Probe(found.kind, found.value, caveats=caveats)


def _signal_zero(arguments: Sequence[str]) -> Probe | None:
    """Read `killall -0 nginx` and `pkill -0 nginx`."""
    words = [word for word in arguments if word not in ("-0", "-q", "-e", "-x", "-w", "-s", "0", "--quiet")]
    if "-0" not in arguments and not {"-s", "0"} <= {*arguments}:
        return None
    return _of_name(words[0]) if len(words) == 1 else None


def _of_name(word: str, *, pattern: bool = False) -> Probe | None:
    name = posixpath.basename(word).replace("[", "", 1).replace("]", "", 1)
    if pattern:
        name = name.removesuffix(" process").removesuffix(": master")
    if not _NAME.fullmatch(name) or (pattern and _ARGUMENT.fullmatch(name)):
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
    words = [word for word in arguments if word not in ("]", "]]")]
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
    "[[": _test,
    "test": _test,
}


def _piped(parts: Sequence[Sequence[str]]) -> Probe | None:
    """Read `ps -ef | grep nginx | grep -v grep | wc -l` and its like."""
    name, arguments = posixpath.basename(parts[0][0]), parts[0][1:]
    filters = [part for part in parts[1:] if (name, part[0]) != ("curl", "head")]
    if any(posixpath.basename(part[0]) not in ("grep", "egrep", "fgrep", "wc") for part in filters):
        return None
    sought = [word for part in filters for word in _sought(part) if word.upper() not in _LISTENING]
    if name == "ps":
        return _ps(parts[0], sought)
    if any(_has(part, "v") and part[-1] != "grep" for part in filters):
        return None
    if name == "pgrep" and not sought:
        return _process(arguments)
    if name in ("systemctl", "service") and sought and all(map(_RUNNING.fullmatch, sought)):
        return _READERS[name](arguments)
    if name in ("curl", "wget") and len(sought) == 1:
        any_case = any(_has(part, "i") for part in filters)
        return said(name, arguments, sought[0], any_case=any_case)
    return _listed(name, arguments, sought[0]) if len(sought) == 1 else None


def _listed(name: str, arguments: Sequence[str], sought: str) -> Probe | None:
    """Read `ss -ltn | grep :80` and `docker ps | grep web`."""
    if name in ("ss", "netstat"):
        match = _PORT.search(sought)
        found = _tcp("127.0.0.1", match[1]) if match else None
        caveat = "the port was looked for in a list, here it is connected to"
        return found and Probe(found.kind, found.value, caveats=(caveat,))
    if name == "docker" and arguments[:1] == ["ps"] and _NAME.fullmatch(sought):
        return Probe("container", sought)
    return None


def _sought(part: Sequence[str]) -> list[str]:
    """Return the texts that a part of a pipeline looks for; none for `grep -v grep` and `wc -l`."""
    words = [word for word in part[1:] if not word.startswith("-")]
    return [] if _has(part, "v") or part[0].endswith("wc") else words


def _has(part: Sequence[str], flag: str) -> bool:
    """Say whether a command has an option of one letter."""
    return any(re.fullmatch(f"-[A-Za-z]*{flag}[A-Za-z]*", word) for word in part[1:])


def _ps(part: Sequence[str], sought: Sequence[str]) -> Probe | None:
    if "-C" in part[:-1]:
        return _of_name(part[part.index("-C") + 1])
    return _of_name(sought[0], pattern=True) if len(sought) == 1 else None
