"""`curl` and `wget` as http checks."""

import re
from collections.abc import Sequence
from typing import Final

from sidecar.migrate.command_options import Options, options
from sidecar.migrate.entries import Plain
from sidecar.migrate.probe import Probe

_URL: Final = re.compile(r"(?:(https?)://)?([A-Za-z0-9_.\[\]:-]+)((?:[/?][!\"$-~]*)?)(?:#[!-~]*)?")
_HEADER: Final = re.compile(r"([A-Za-z0-9-]+):\s*([ -~]+)")
_CURL_FLAGS: Final = {
    "silent": "s", "show-error": "S", "fail": "f", "head": "I", "insecure": "k", "location": "L", "get": "G",
    "ipv4": "4", "ipv6": "6", "include": "i", "fail-with-body": "f", "no-buffer": "N",
}  # fmt: skip
_CURL_VALUED: Final = {
    "max-time": "m", "connect-timeout": "c", "header": "H", "output": "o", "request": "X", "write-out": "w",
    "retry": "r", "user-agent": "A", "unix-socket": "u",
}  # fmt: skip
_STATUS: Final = re.compile(r"(?:HTTP/[0-9.]+ )?([1-5][0-9]{2})(?: [A-Za-z ]+)?")
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _:/<>\"',=-]+")
_ANY_ANSWER: Final = "100-599"
_FOLLOWS: Final = "redirects were followed, here they are answers"
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
_RETRIES: Final = "it tried several times, here `fall` counts"


def said(name: str, arguments: Sequence[str], text: str, *, any_case: bool) -> Probe | None:
    """Return what `curl ... | grep TEXT` asks: of the status where that is printed, or else of the body.

    None where it prints something else, or where the letters of the text may be of any case.
    """
    found = curl(arguments) if name == "curl" else wget(arguments)
    given = _curl_options(arguments) if name == "curl" else _wget_options(arguments)
    if found is None or given is None:
        return None
    printed = given.values.get("o" if name == "curl" else "O", "-" if name == "curl" else "")
    keys = dict(found.keys)
    if "w" in given.values or given.flags & {"I", "i"}:
        status = _STATUS.fullmatch(text)
        code = given.values.get("w", "").strip("\\n")
        whole = "w" not in given.values or (code == "%{http_code}" and printed != "-")
        if status is None or name != "curl" or not whole:
            return None
        keys["expect.status"] = status[1]
    elif printed != "-" or not _PLAIN.fullmatch(text) or (any_case and text.upper() != text.lower()):
        return None
    else:
        keys["expect.body"] = text
    return Probe(found.kind, found.value, keys, found.caveats, found.timeout)


def _curl_options(arguments: Sequence[str]) -> Options | None:
    return options(
        arguments, flags="sSfIkLGi46Nq", valued="mHoXwA", long_flags=_CURL_FLAGS, long_valued=_CURL_VALUED
    )


def curl(arguments: Sequence[str]) -> Probe | None:
    """Return what curl asks. Without `-f` it is content with any answer."""
    given = _curl_options(arguments)
    if given is None or len(given.words) != 1:
        return None
    url = _url(given.words[0], given.values.get("u"))
    keys = _asked(given)
    if url is None or keys is None:
        return None
    if "f" not in given.flags:
        keys["expect.status"] = _ANY_ANSWER
    caveats = [_FOLLOWS] if "L" in given.flags else []
    caveats += [_RETRIES] if "r" in given.values else []
    return _probe(url, keys, caveats, given, "m", "c")


def _wget_options(arguments: Sequence[str]) -> Options | None:
    return options(
        arguments,
        flags="qS46",
        valued="OTtU",
        long_flags={"spider": "I", "quiet": "q", "no-check-certificate": "k", "no-verbose": "q"},
        long_valued={"timeout": "T", "tries": "t", "header": "H", "output-document": "O", "user-agent": "A"},
    )


def wget(arguments: Sequence[str]) -> Probe | None:
    """Return what wget asks. It follows redirects and fails from status 400 on."""
    given = _wget_options(arguments)
    if given is None or len(given.words) != 1:
        return None
    url, keys = _url(given.words[0], None), _asked(given)
    if url is None or keys is None:
        return None
    several = given.values.get("t", "1") != "1"
    return _probe(url, keys, [_FOLLOWS, *([_RETRIES] if several else [])], given, "T")


def _probe(url: str, keys: dict[str, Plain], caveats: Sequence[str], given: Options, *timeouts: str) -> Probe:
    if not url.startswith("https"):
        keys.pop("verify", None)
    return Probe("http", url, keys, tuple(caveats), given.seconds(*timeouts))


def _url(word: str, socket: str | None) -> str | None:
    match = _URL.fullmatch(word)
    if match is None:
        return None
    scheme, host, target = match.groups()
    if socket is not None:
        return f"unix:{socket}:{target or '/'}" if socket.startswith("/") else None
    target = target if target.startswith("/") else f"/{target}"
    return f"{scheme or 'http'}://{re.sub(r'^localhost(?=:|$)', '127.0.0.1', host)}{target}"


def _asked(given: Options) -> dict[str, Plain] | None:
    """Return the keys for method, headers and certificate; None if there is what a check cannot send."""
    keys: dict[str, Plain] = {}
    headers: dict[str, Plain] = {}
    for name, value in given.repeated:
        if name == "H":
            match = _HEADER.fullmatch(value)
            if match is None:
                return None
            if match[1].lower() == "host":
                keys["host"] = match[2]
            else:
                headers[match[1]] = match[2]
        if name == "A":
            headers["User-Agent"] = value
    method = "HEAD" if "I" in given.flags else given.values.get("X", "GET")
    if method not in _METHODS:
        return None
    if method != "GET":
        keys["method"] = method
    if headers:
        keys["headers"] = headers
    if "k" in given.flags:
        keys["verify"] = False
    return keys
