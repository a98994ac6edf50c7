"""Texts that are no configuration of ours at all: a keepalived.conf, or a template that was not rendered."""

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


def refuse_foreign(text: str, file: str) -> None:
    """Refuse a file of keepalived in one sentence.

    Raises:
        ConfigError: this is a keepalived.conf.

    """
    block = _KEEPALIVED.search(text)
    if block is None:
        return
    start = block.end() - len(block[0].lstrip())
    line, column = text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1
    message = "this is a keepalived.conf; `vip-sidecar import FILE` translates it to a configuration of ours"
    raise ConfigError((Mistake(file, line, column, "keepalived-conf", message),))


def template_in(text: str) -> str | None:
    """The traces of an unrendered template in a text, if any."""
    left = _TEMPLATE.search(text)
    return None if left is None else left[0]
