"""Authentication of adverts. No message shows a password, a key or a path."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, SecretBytes

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Key, Password, Seconds, Whole
from sidecar.core.params import AuthMode

_LEAST_WINDOW: Final = 1.0
_MOST_WINDOW: Final = 300.0
_LEAST_DEFAULT: Final = 5.0
_OF_HMAC: Final = ("mode", "window")


@rule("pass", "hmac")
def one_way(entry: Entry["Auth"]) -> Iterator[Finding]:
    """An advert is authenticated in one way."""
    auth = entry.model
    if auth.password is not None and auth.hmac is not None:
        message = "`pass` and `hmac` are two ways to authenticate; keep `hmac`, which protects"
        yield Finding((*entry.path, "pass"), "auth-kind", message, at_key=True)
    elif auth.password is None and auth.hmac is None and not entry.wrong:
        message = "this has neither `hmac` nor `pass`; write `hmac: [{id: 1, key_file: /path}]`"
        yield Finding(entry.path, "auth-kind", message, at_key=True)


@rule("pass", "hmac")
def hmac_only(entry: Entry["Auth"]) -> Iterator[Finding]:
    """A password has no roll-out and no clock."""
    auth = entry.model
    for key in _OF_HMAC:
        if auth.password is not None and auth.hmac is None and key in entry.given:
            message = f"`{key}` belongs to `hmac`; remove it"
            yield Finding((*entry.path, key), "hmac-only", message, at_key=True)


@rule("window")
def window_range(entry: Entry["Auth"]) -> Iterator[Finding]:
    """A small window needs exact clocks, a large one lets old adverts pass."""
    given = entry.model.window
    if given is not None and not _LEAST_WINDOW <= given <= _MOST_WINDOW:
        yield Finding((*entry.path, "window"), "window-range", "out of range; write 1s to 300s")


@rule()
def key_ids(entry: Entry["Auth"]) -> Iterator[Finding]:
    """The id in a packet names one key."""
    seen: set[int] = set()
    for index, key in entry.items("hmac"):
        if key.id in seen:
            message = f"an earlier key has id {key.id} already; give each key its own"
            yield Finding((*entry.path, "hmac", index, "id"), "key-id-twice", message)
        seen.add(key.id)


@rule()
def keys_differ(entry: Entry["Auth"]) -> Iterator[Finding]:
    """Each file holds a key of its own."""
    seen: set[SecretBytes] = set()
    for index, key in entry.items("hmac"):
        file = key.key_file
        if file.trouble is None and file.secret in seen:
            message = "this is an earlier key again, under another id; a new id needs a new key"
            yield warning((*entry.path, "hmac", index, "key_file"), "key-twice", message)
        seen.add(file.secret)


@rule("key_file")
def key_file(entry: Entry["HmacKey"]) -> Iterator[Finding]:
    """A file holds a key, for our eyes only."""
    path, file = (*entry.path, "key_file"), entry.model.key_file
    if file.trouble is not None:
        yield Finding(path, "key-file", file.trouble)
        return
    if file.doubt is not None:
        yield warning(path, "key-doubtful", file.doubt)
    if file.exposed:
        message = (
            f"others than its owner can read or change this file (mode {file.mode:04o}); chmod it to 0600"
        )
        yield warning(path, "key-exposed", message)


@rule("hmac", "mode")
def peers_that_drop(entry: Entry["Auth"]) -> Iterator[Finding]:
    """A peer that checks the exact length of an advert takes a signature for damage."""
    auth = entry.model
    if auth.hmac is not None and AuthMode(auth.mode) is not AuthMode.RECEIVE_ONLY:
        message = (
            "FRR, and keepalived before 2.4.2, drop signed adverts: with such a peer there are two masters; "
            "begin with `mode: receive-only` on all hosts"
        )
        yield warning((*entry.path, "hmac"), "auth-peers", message, at_key=True)


class HmacKey(StrictModel):
    """One shared key. The first of the list signs, all of them verify."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (key_file,)

    id: Whole = Field(ge=1, le=255)
    """Number of the key in the packet, the same on all hosts."""
    key_file: Key
    """File that holds the key: 32 to 64 bytes, or `hex:` and digits; one newline at its end is ignored."""


class Auth(StrictModel):
    """Authentication of adverts: exactly one of `pass` and `hmac`. Messages never show what is below here."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        one_way,
        hmac_only,
        window_range,
        key_ids,
        keys_differ,
        peers_that_drop,
    )

    password: Password | None = Field(default=None, alias="pass")
    """Password of version 2, cut to 8 bytes; readable in every packet, so it protects nothing."""
    hmac: tuple[HmacKey, ...] | None = Field(default=None, min_length=1)
    """Shared keys that sign adverts (draft-cassen-vrrp-auth-hmac, keepalived 2.4.2 or later)."""
    mode: Literal["receive-only", "permissive", "enforce"] = "enforce"
    """Steps of a roll-out: verify signed adverts; sign as well; refuse unsigned ones."""
    window: Seconds | None = None
    """Greatest difference of two clocks, 1s to 300s; default: three intervals, at least 5s."""

    def window_for(self, advert_interval: float) -> float:
        """The window in seconds, given or default."""
        default = min(max(3 * advert_interval, _LEAST_DEFAULT), _MOST_WINDOW)
        return default if self.window is None else self.window
