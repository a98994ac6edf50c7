"""Rules about the authentication of adverts. No message shows a password, a key or a path."""

from collections.abc import Iterator

from sidecar.config.mistake import Finding
from sidecar.config.router_model import Auth, HmacKey, VirtualRouter
from sidecar.config.rules import rule, warning
from sidecar.config.shape import Entry
from sidecar.core.params import V2, AuthMode
from sidecar.core.vrrp import PASSWORD_SIZE

_MIN_WINDOW, _MAX_WINDOW = 1.0, 300.0
_OF_HMAC = ("mode", "window")


def _auth(entry: Entry[VirtualRouter]) -> Auth:
    return entry.model.auth or Auth()


def _keys(entry: Entry[VirtualRouter]) -> tuple[HmacKey, ...]:
    return _auth(entry).hmac or ()


@rule("auth")
def one_way(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """An advert is authenticated in one way."""
    auth = entry.model.auth
    if auth is None:
        return
    if auth.password is not None and auth.hmac is not None:
        message = "`pass` and `hmac` are two ways to authenticate; keep `hmac`, which protects"
        yield Finding((*entry.path, "auth", "pass"), "auth-kind", message, at_key=True)
    elif auth.password is None and auth.hmac is None:
        message = "this has neither `hmac` nor `pass`; write `hmac: [{id: 1, key_file: /path}]`"
        yield Finding((*entry.path, "auth"), "auth-kind", message, at_key=True)


@rule("auth", "version")
def password_of_version_2(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Version 3 has no passwords (RFC 9568 section 9), and those of version 2 are sent in clear."""
    password, path = _auth(entry).password, (*entry.path, "auth", "pass")
    if password is None:
        return
    if entry.model.version != V2:
        message = (
            "version 3 has no passwords; use `hmac`, or remove `auth`, or write `version: 2` as the peer has"
        )
        yield Finding(path, "auth-version", message, at_key=True)
        return
    message = (
        "protects nothing: everybody on the LAN can read it in every advert; use `hmac` when all peers can"
    )
    yield warning(path, "auth-pass", message)
    if len(password.get_secret_value()) > PASSWORD_SIZE:
        message = f"only the first {PASSWORD_SIZE} bytes of it count, as in keepalived; shorten it"
        yield warning(path, "auth-pass-long", message)


@rule("auth")
def hmac_only(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A password has no roll-out and no clock."""
    auth = _auth(entry)
    for key in _OF_HMAC:
        if auth.password is not None and auth.hmac is None and key in auth.model_fields_set:
            message = f"`{key}` belongs to `hmac`; remove it"
            yield Finding((*entry.path, "auth", key), "hmac-only", message, at_key=True)


@rule("auth")
def window(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A small window needs exact clocks, a large one lets old adverts pass."""
    given = _auth(entry).window
    if given is not None and not _MIN_WINDOW <= given <= _MAX_WINDOW:
        yield Finding((*entry.path, "auth", "window"), "window-range", "out of range; write 1s to 300s")


@rule("auth")
def key_ids(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """The id in a packet names one key."""
    keys = _keys(entry)
    for index, key in enumerate(keys):
        if any(key.id == earlier.id for earlier in keys[:index]):
            message = f"an earlier key has id {key.id} already; give each key its own"
            yield Finding((*entry.path, "auth", "hmac", index, "id"), "key-id-twice", message)


@rule("auth")
def key_files(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Each file holds a key of its own, for our eyes only."""
    keys = _keys(entry)
    for index, key in enumerate(keys):
        path, file = (*entry.path, "auth", "hmac", index, "key_file"), key.key_file
        if file.trouble is not None:
            yield Finding(path, "key-file", file.trouble)
            continue
        if file.exposed:
            message = (
                f"others than its owner can read or change this file (mode {file.mode:04o}); chmod it to 0600"
            )
            yield warning(path, "key-exposed", message)
        if any(file.secret == earlier.key_file.secret for earlier in keys[:index]):
            message = "this is an earlier key again, under another id; a new id needs a new key"
            yield warning(path, "key-twice", message)


@rule("auth")
def peers_that_drop(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Who checks the exact length of an advert takes a signature for damage."""
    auth = _auth(entry)
    if auth.hmac is not None and AuthMode(auth.mode) is not AuthMode.RECEIVE_ONLY:
        message = (
            "FRR, and keepalived before 2.4.2, drop signed adverts: with such a peer there are two masters; "
            "begin with `mode: receive-only` on all hosts"
        )
        yield warning((*entry.path, "auth", "hmac"), "auth-peers", message, at_key=True)


AUTH_RULES = (one_way, password_of_version_2, hmac_only, window, key_ids, key_files, peers_that_drop)
