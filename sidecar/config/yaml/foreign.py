"""Texts that are no configuration of ours: files of other programs, templates that were not rendered."""

import re
from typing import Final

from sidecar.config.mistake import ConfigError, Mistake

_KEEPALIVED: Final = re.compile(
    r"^[ \t]*(?:vrrp_instance|vrrp_script|vrrp_sync_group|vrrp_track_process|vrrp_track_file|global_defs"
    r"|virtual_server(?:_group)?|static_ipaddress|bfd_instance)\b[^:\n#]*\{",
    re.MULTILINE,
)
"""A block of keepalived.conf begins: its word, perhaps a name, and a brace, but no colon."""

_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>")
_PLACEHOLDER: Final = re.compile(r"@[A-Z][A-Z0-9_]+@|\A%[A-Z][A-Z0-9_]*%")
"""`@NAME@` anywhere; `%NAME%` only where a value begins, since a URL has such signs of its own: %E4%BD."""


def refuse_foreign(text: str, file: str) -> None:
    """Refuse a file of keepalived in one sentence.

    Raises:
        ConfigError: this is a keepalived.conf.

    """
    block = _KEEPALIVED.search(text)
    if block is None:
        return
    start = block.end() - len(block[0].lstrip())
    message = "this is a keepalived.conf; `vip-sidecar import FILE` translates it to a configuration of ours"
    raise _refused(text, file, start, "keepalived-conf", message)


_CONFLICT: Final = re.compile(r"^(?:<{7} .*|={7}|>{7} .*)$", re.MULTILINE)
_UNSEEN_INDENT: Final = re.compile(
    "^ *[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff][ \u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]*"
    r"(?=-|[A-Za-z_][\w-]*\s*:)",
    re.MULTILINE,
)
_WIDE_COLON: Final = re.compile(
    "^ *(?:- +)?[A-Za-z_][\\w-]*\\s*(?P<colon>[\uff1a\ufe30\ufe55])", re.MULTILINE
)
# Lines one after the other: what may be read in two ways takes for ever on a file of blank lines.
_OTHERS: Final = (
    (re.compile(r"\A\s*```", re.MULTILINE), "a block of Markdown; remove the lines of ```"),
    (re.compile(r"\A#!"), "a script"),
    (
        re.compile(r"\A\s*<(?:!doctype|html|\?xml)", re.IGNORECASE),
        "a web page, perhaps the error page of a download",
    ),
    (
        re.compile(
            r"^[ \t]*(?:(?:upstream|location)[ \t][^:{\n]*|(?:server|http|events|stream)[ \t]*)\{[ \t\r]*$",
            re.MULTILINE,
        ),
        "a configuration of nginx",
    ),
    (
        re.compile(r"^(?:global|defaults|(?:frontend|backend|listen)[ \t]+[\w.-]+)[ \t\r]*$", re.MULTILINE),
        "a configuration of HAProxy",
    ),
    (
        re.compile(r"\A(?:[ \t\r]*(?:[#;].*)?\n)*[ \t]*\[[\w. -]+\][ \t\r]*$", re.MULTILINE),
        "a file with [sections], such as INI or TOML",
    ),
    (
        re.compile(r"\A(?:[ \t\r]*(?:#.*)?\n)*(?:export[ \t]+)?[A-Z_][A-Z0-9_]*=.*$", re.MULTILINE),
        "a file of variables, which `--env-file` reads",
    ),
)


def refuse_lookalikes(text: str, file: str) -> None:
    """Refuse what looks like YAML on a screen, and is not: a merge, and letters in the place of punctuation.

    Raises:
        ConfigError: the first of such places.

    """
    conflict = _CONFLICT.search(text)
    if conflict and conflict[0][0] == "<":
        raise _refused(
            text,
            file,
            conflict.start(),
            "merge-conflict",
            "a merge that was not resolved; keep one of the sides",
        )
    unseen = _UNSEEN_INDENT.search(text)
    if unseen:
        where = unseen.start() + len(unseen[0]) - len(unseen[0].lstrip(" "))
        message = (
            f"this line is indented with U+{ord(text[where]):04X}, a space that is none for YAML; "
            f"write ordinary ones{_more(_UNSEEN_INDENT, text)}"
        )
        raise _refused(text, file, where, "syntax", message)
    wide = _WIDE_COLON.search(text)
    if wide:
        message = (
            f"this colon is a full-width letter; write `: `, a colon and a space{_more(_WIDE_COLON, text)}"
        )
        raise _refused(text, file, wide.start("colon"), "syntax", message)


def refuse_other(text: str, file: str) -> None:
    """Refuse a file that is no configuration of ours, once it is known that it cannot be read.

    Raises:
        ConfigError: it is a file of a known kind.

    """
    for pattern, what in _OTHERS:
        found = pattern.search(text)
        if found:
            start = found.end() - len(found[0].lstrip())
            message = f"this is {what}; the configuration is YAML that begins with `virtual_routers:`"
            raise _refused(text, file, start, "foreign", message)


def _more(pattern: re.Pattern[str], text: str) -> str:
    others = sum(1 for _ in pattern.finditer(text)) - 1
    return f" here and on {others} more line{'s' * (others > 1)}" if others else ""


def _refused(text: str, file: str, start: int, code: str, message: str) -> ConfigError:
    line, column = text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1
    return ConfigError((Mistake(file, line, column, code, message),))


def template_in(text: str) -> str | None:
    """The traces of an unrendered template in a text, if any."""
    left = _TEMPLATE.search(text) or _PLACEHOLDER.search(text)
    return None if left is None else left[0]
