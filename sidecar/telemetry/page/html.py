"""The page as HTML, whole and in the parts that a stream replaces.

jinja2 escapes all that is filled in. The browser runs and draws only what has one of the two hashes in the
policy, and loads nothing from anywhere.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from sidecar.telemetry.page.columns import labels, words
from sidecar.telemetry.page.model import Page

_FOLDER: Final = Path(__file__).parent / "templates"
_COMMENT: Final = re.compile(r"^ *// .*\n", re.MULTILINE)
Parts = dict[str, str]
"""HTML of each part by the id of its element."""


@cache
def _template(name: str) -> Callable[..., str]:
    # Most sidecars never show a page: only those that do have jinja2 in memory.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template(name).render


@cache
def asset(name: str) -> str:
    """Return the style or the script, as it stands in the page: without the lines that are comments."""
    text = _COMMENT.sub("", (_FOLDER / name).read_text(encoding="utf-8")).strip()
    return text.replace("/* words */", words()).replace("/* labels */", labels())


@cache
def policy() -> str:
    """Return the Content-Security-Policy of the page."""
    style, script = (f"'sha256-{_hash(asset(name))}'" for name in ("status.css", "status.js"))
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def parts(page: Page) -> Parts:
    """Return the parts that may change, each with its id."""
    named = {"title": _part("title", page), "icon": _part("icon", page), "banner": _part("banner", page)}
    named["hosts"] = _part("hosts", page)
    named["timeline"] = _part("timeline", page)
    named["tables"] = _part("tables", page)
    named["commands"] = _part("commands", page)
    return named


def _part(name: str, page: Page) -> str:
    return _template(f"{name}.html")(page=page).strip()


def whole(page: Page, parts: Parts, refresh: int) -> str:
    """Return the page. Without scripts the browser loads it anew after `refresh` seconds; 0: never."""
    return _template("page.html")(
        page=page, parts=parts, style=asset("status.css"), script=asset("status.js"), refresh=refresh
    )
