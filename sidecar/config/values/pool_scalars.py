"""Scalars of pools. A value in nginx's configuration cannot leave the place it is written to."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from sidecar.config.mistake import quoted
from sidecar.config.values.scalars import text
from sidecar.config.values.spelling import wrong

_UPSTREAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_PARAMETER = re.compile(r"[a-z_]{1,32}(?:=[A-Za-z0-9_.:/-]{1,64})?")
_DIRECTIVE = re.compile(r"([a-z_]{1,32})((?: [!-~ ]{1,200})?)")
_OURS = ("server", "include", "upstream")
_PATH = re.compile(r"/[!-~]{0,2000}")
_FORBIDDEN = re.compile(r"[{};#\"'\\]")


def upstream_name(value: object) -> str:
    """The name of an upstream: what may stand as a host in proxy_pass."""
    name = text(value)
    if not _UPSTREAM.fullmatch(name):
        raise wrong("upstream", f"{quoted(name)} is no upstream name; use 1 to 63 letters, digits, _ . or -")
    return name


def absolute_path(value: object) -> Path:
    """An absolute path of a file."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.startswith("/") or value.endswith("/") or "\0" in value:
        raise wrong("path", f"{quoted(value)} is no absolute path of a file; start it with /")
    return Path(value)


def uri_path(value: object) -> str:
    """The path of an HTTP request, with its query."""
    if not isinstance(value, str) or not _PATH.fullmatch(value) or "#" in value:
        raise wrong("uri", f"{quoted(value)} is no path; write one such as /healthz, percent-encoded")
    return value


def directive(value: object) -> str:
    """One simple directive of an upstream, with or without its semicolon."""
    line = text(value).strip().removesuffix(";").strip()
    match = _DIRECTIVE.fullmatch(line)
    if match is None or _FORBIDDEN.search(match[2]):
        raise wrong("directive", f"{quoted(value)} is no directive; write one such as `keepalive 16`")
    if match[1] in _OURS:
        raise wrong("directive", f"`{match[1]}` is for the sidecar to write; remove this line")
    return line


def parameter(value: object) -> str:
    """One parameter of a server of an upstream."""
    word = text(value)
    if not _PARAMETER.fullmatch(word):
        raise wrong("parameter", f"{quoted(word)} is no parameter; write one such as max_conns=100")
    if word.partition("=")[0] in ("down", "weight", "backup"):
        raise wrong("parameter", f"{quoted(word)} is for the sidecar to decide; remove it")
    return word


UpstreamName = Annotated[str, BeforeValidator(upstream_name), "name"]
AbsolutePath = Annotated[Path, BeforeValidator(absolute_path), "absolute path"]
UriPath = Annotated[str, BeforeValidator(uri_path), "path"]
Directive = Annotated[str, BeforeValidator(directive), "directive"]
Parameter = Annotated[str, BeforeValidator(parameter), "parameter"]
