"""`.env`: what one host has of its own."""

import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z0-9_./:%@+,-]*")


def env_file(values: Mapping[str, str], host: str) -> str:
    """Return the file as docker compose reads it. A name without a value is to be filled in."""
    lines = [f"# {host}: beside the compose file, under the name .env"]
    for name, value in values.items():
        if not value and name != "NODE":
            lines.append("# to be filled in:")
        lines.append(f"{name}={_quoted(value)}")
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
