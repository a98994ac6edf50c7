"""`authentication` and `auth_hmac` of an instance."""

from dataclasses import dataclass
from typing import Final

from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Entry
from sidecar.migrate.fact import duration, seconds, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.rule import apply
from sidecar.migrate.rules_instance import AUTHENTICATION, HMAC
from sidecar.migrate.transport import V2
from sidecar.migrate.tree import Statement

PASSWORD_SIZE: Final = 8
_MODES: Final = ("enforce", "permissive", "receive-only")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key of a pair, to be written to a file of its own."""

    path: str
    content: str


def password(draft: Draft, spoken: int, strict: Statement | None, entry: Entry, findings: Findings) -> None:
    """Put the password of version 2, as far as keepalived sends it."""
    opening = draft.said.get("authentication")
    if opening is None:
        return
    block = Draft(opening)
    apply(AUTHENTICATION, opening.body, block, findings)
    kind, secret = block.said.get("auth_type"), block.said.get("auth_pass")
    kinds = [word.text for word in kind.values[:1]] if kind else []
    statements = [statement for statement in (kind, secret) if statement]
    if spoken != V2 or strict is not None:
        why = f"version {spoken} has no passwords" if strict is None else f"{strict.keyword} sends none"
        for statement in statements or [opening]:
            findings.dropped(statement, f"keepalived does not use it: {why}")
        return
    if kinds == ["AH"]:
        for statement in statements:
            findings.decide(statement, "AH has no equal: use `auth: {hmac: ...}` once both hosts have moved")
        return
    given = secret.values[0] if secret and secret.values else None
    if kinds != ["PASS"] or secret is None or given is None or not given.plain:
        beside = kind is not None and any(word.text == "auth_pass" for word in kind.values)
        lines = ", each on a line of its own" if beside else ""
        findings.decide(
            opening,
            f"write auth_type PASS and auth_pass{lines}, or remove it: as it is, keepalived sends no "
            "password, and none is taken over",
        )
        return
    sent = given.plain.encode()[:PASSWORD_SIZE].decode(errors="ignore")
    cut = sent != given.plain
    entry.put("auth.pass", sent, given.place, note="the first 8 characters, as keepalived" if cut else "")
    findings.mapped(kind or opening, "auth.pass")
    findings.mapped(secret, f"auth.pass{', the first 8 characters, as keepalived' if cut else ''}")


def keys(draft: Draft, name: str, entry: Entry, findings: Findings) -> list[KeyFile]:
    """Put the keys that sign adverts, and return those that have to be written to files."""
    opening = draft.said.get("auth_hmac")
    if opening is None:
        return []
    block = Draft(opening)
    given = [statement for statement in opening.body if statement.keyword == "key"]
    apply(HMAC, [statement for statement in opening.body if statement.keyword != "key"], block, findings)
    active = block.said["active_key"].values[:1] if "active_key" in block.said else ()
    written: list[KeyFile] = []
    listed: list[tuple[int, str]] = []
    places: list[Place] = []
    for statement in given:
        key = _key(statement, name, findings)
        if key is None:
            continue
        number, file = key
        first = [str(number)] == [word.text for word in active]
        listed.insert(0 if first else len(listed), (number, file.path))
        places.append(statement.place)
        written += [file] if file.content else []
    if not listed:
        findings.decide(opening, "no key of it can be used, so adverts are not signed; write `key ID VALUE`")
        return []
    entry.put("auth.hmac", tuple({"id": number, "key_file": path} for number, path in listed), *places)
    findings.mapped(opening, "auth.hmac")
    _clock(block, entry, findings)
    return written


def _key(statement: Statement, name: str, findings: Findings) -> tuple[int, KeyFile] | None:
    number = whole(statement, 1, 255, findings)
    if number is None:
        return None
    if len(statement.values) < 2:  # noqa: PLR2004 - a number and the key
        findings.decide(statement, "this key has no value; write `key ID VALUE`")
        return None
    value = statement.values[1].text
    if value.startswith("file:"):
        path = value.removeprefix("file:")
        findings.decide(statement, f"mount {path} into the sidecar under the same path, mode 0600")
        return number.value, KeyFile(path, "")
    path = f"/etc/vip-sidecar/{name}-key-{number.value}"
    findings.mapped(statement, f"auth.hmac: key_file {path}")
    return number.value, KeyFile(path, value)


def _clock(block: Draft, entry: Entry, findings: Findings) -> None:
    if "active_key" in block.said:
        findings.mapped(block.said["active_key"], "the first of the list")
    mode = block.said.get("mode")
    if mode is not None:
        said = mode.values[0].text if mode.values else ""
        if said in _MODES:
            entry.put("auth.mode", said, mode.place)
            findings.mapped(mode, f"auth.mode: {said}")
        else:
            findings.decide(mode, f"write one of {', '.join(_MODES)}")
    window = block.said.get("time_window")
    given = seconds(window, findings) if window else None
    if window is not None and given is not None:
        entry.put("auth.window", duration(given.value), given.place)
        findings.mapped(window, f"auth.window: {duration(given.value)}")
    replay = block.said.get("anti_replay")
    if replay is not None:
        by_time = [word.text for word in replay.values] == ["time"]
        (findings.mapped if by_time else findings.approximated)(replay, "always by the clock here")
