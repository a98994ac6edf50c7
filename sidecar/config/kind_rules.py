"""Rules about what only some kinds of checks have, and about what stands outside the file."""

import ssl
from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address, ip_address
from pathlib import Path as FilePath
from typing import Final

from sidecar.config.address_rules import BROADCAST, unusable
from sidecar.config.mistake import Finding, Path, quoted
from sidecar.config.model import KINDS, Check
from sidecar.config.rules import rule, warning
from sidecar.config.shape import Entry
from sidecar.programs.safe_path import UnsafeProgramError, safe_path

_OWN_KEYS: Final[Mapping[str, str]] = {
    "method": "http",
    "headers": "http",
    "host": "http",
    "sni": "http",
    "ca": "http",
    "cert_expiry_warning": "http",
    "count": "icmp",
    "max_loss": "icmp",
    "present": "file",
    "user": "exec",
    "workers": "nginx",
    "max_active": "nginx",
}
_OF_TLS: Final = ("verify", "sni", "ca", "cert_expiry_warning")
_ADDRESS_TYPES: Final = {"A": 4, "AAAA": 6}


def _kinds(entry: Entry[Check]) -> list[str]:
    return [kind for kind in KINDS if kind in entry.given]


@rule()
def own_keys(entry: Entry[Check]) -> Iterator[Finding]:
    """A key of one kind means nothing to another."""
    kinds = _kinds(entry)
    if len(kinds) != 1:
        return
    for key, kind in _OWN_KEYS.items():
        if key in entry.given and kind != kinds[0]:
            message = f"`{key}` is a key of {kind} checks, and this is a check of kind {kinds[0]}; remove it"
            yield Finding((*entry.path, key), "kind-key", message, at_key=True)


@rule("http")
def https_only(entry: Entry[Check]) -> Iterator[Finding]:
    """Only TLS has a certificate."""
    url = entry.model.http
    if _kinds(entry) and (url is None or not url.tls):
        for key in _OF_TLS:
            if key in entry.given and (url is not None or key not in _OWN_KEYS):
                message = f"there is no certificate to verify without https://; remove `{key}`"
                yield Finding((*entry.path, key), "https-only", message, at_key=True)


@rule("ca", "verify")
def usable_authorities(entry: Entry[Check]) -> Iterator[Finding]:
    """Whom to trust must be known before the first handshake."""
    ca, where = entry.model.ca, (*entry.path, "ca")
    if ca is None:
        return
    if not entry.model.verify:
        message = "with `verify: false` nobody looks at the authorities; remove one of the two"
        yield Finding(where, "ca", message, at_key=True)
    yield from unusable_authorities(ca, where)


def unusable_authorities(ca: FilePath, where: Path) -> Iterator[Finding]:
    """A file of authorities that cannot be used."""
    try:
        ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        message = f"{quoted(str(ca))} holds no certificate in PEM form; name a file that does"
        yield Finding(where, "ca", message)
    except OSError as error:
        message = f"{quoted(str(ca))} cannot be read ({error.strerror}); check its path, owner and mode"
        yield Finding(where, "ca", message)


@rule("expect", "method")
def body_of_head(entry: Entry[Check]) -> Iterator[Finding]:
    """The answer to HEAD has no body."""
    expect = entry.model.expect
    for key in ("body", "regex"):
        if entry.model.method == "HEAD" and getattr(expect, key) is not None:
            message = f"the answer to HEAD has no body; remove `{key}`, or use GET"
            yield Finding((*entry.path, "expect", key), "http-body", message, at_key=True)


@rule("every", "timeout", "jitter")
def jitter_within_every(entry: Entry[Check]) -> Iterator[Finding]:
    """A run that may start a whole period late has no period."""
    check = entry.model
    if check.longest_jitter > check.interval / 2:
        message = f"more than half of `every` ({check.interval:g}s); write less, such as 5%"
        yield Finding((*entry.path, "jitter"), "jitter-range", message)


@rule("every", "timeout", "jitter", "max_age")
def max_age_beyond_every(entry: Entry[Check]) -> Iterator[Finding]:
    """A result must live until the next one is there."""
    check = entry.model
    if check.max_age is None:
        return
    least = check.interval + check.longest_jitter + check.deadline
    if check.max_age < least:
        message = f"shorter than `every`, jitter and timeout together ({least:g}s); write more"
        yield Finding((*entry.path, "max_age"), "max-age-range", message)
    elif check.max_age < 2 * least:
        message = f"one late run makes the check fail; write {2 * least:g}s or more"
        yield warning((*entry.path, "max_age"), "max-age-short", message)


@rule("icmp")
def icmp_target(entry: Entry[Check]) -> Iterator[Finding]:
    """An echo request needs one host to answer it, and a link-local one an interface to leave by."""
    address, where = entry.model.icmp, (*entry.path, "icmp")
    if address is None:
        return
    if address.is_multicast or address.is_unspecified or address == BROADCAST:
        message = f"{address} is {unusable(address)}; write the address of one host"
        yield Finding(where, "icmp-target", message)
    elif isinstance(address, IPv6Address) and address.is_link_local and address.scope_id is None:
        message = f"{address} is on every link; say on which, such as '{address}%eth0'"
        yield Finding(where, "icmp-target", message)


@rule("dns")
def dns_values(entry: Entry[Check]) -> Iterator[Finding]:
    """Address records hold addresses."""
    dns = entry.model.dns
    if dns is None or dns.type not in _ADDRESS_TYPES:
        return
    for index, value in enumerate(dns.expect):
        try:
            fits = ip_address(value).version == _ADDRESS_TYPES[dns.type]
        except ValueError:
            fits = False
        if not fits:
            message = f"{quoted(value)} cannot be in a record of type {dns.type}; write an address"
            yield Finding((*entry.path, "dns", "expect", index), "dns-value", message)


@rule("exec")
def safe_program(entry: Entry[Check]) -> Iterator[Finding]:
    """What runs beside us must be root's alone to change. It is asked again before each run."""
    argv, where = entry.model.exec, (*entry.path, "exec", 0)
    if argv is None:
        return
    if not argv[0].startswith("/"):
        message = f"{quoted(argv[0])} is no absolute path; nothing is searched for, write it from / on"
        yield Finding(where, "program", message)
        return
    try:
        safe_path(argv[0])
    except UnsafeProgramError as error:
        yield Finding(where, "program", str(error))
    except OSError as error:
        message = f"{quoted(argv[0])} cannot be run ({error.strerror}); check the path"
        yield Finding(where, "program", message)


@rule("every", "timeout")
def costly_program(entry: Entry[Check]) -> Iterator[Finding]:
    """Starting a program costs some 8 ms of a processor."""
    check = entry.model
    if check.exec is not None and check.interval < 0.2:  # noqa: PLR2004
        message = "each run starts a process, some 8 ms of a processor; write 200ms or more"
        yield warning((*entry.path, "every"), "exec-often", message)


KIND_RULES = (
    own_keys,
    https_only,
    usable_authorities,
    body_of_head,
    jitter_within_every,
    max_age_beyond_every,
    icmp_target,
    dns_values,
    safe_program,
    costly_program,
)
POLLED_KEYS = ("every", "timeout", "jitter", "max_age")
"""Keys that only make sense where runs follow each other."""
