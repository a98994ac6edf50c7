"""Pieces of tables of 80 columns: width and colours."""

from typing import Final

WIDTH: Final = 80
RED, GREEN, YELLOW, BOLD, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
STATE_COLOURS: Final = {"MASTER": GREEN, "BACKUP": BOLD, "FAULT": RED, "INIT": YELLOW}


def uncoloured(text: str) -> str:
    """Return a text without colours."""
    for code in (RED, GREEN, YELLOW, BOLD, PLAIN):
        text = text.replace(code, "")
    return text
