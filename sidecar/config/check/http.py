"""The http check in the configuration."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from sidecar.config.check.polled import PolledModel
from sidecar.config.entry import Entry
from sidecar.config.expect import Expect
from sidecar.config.mistake import Finding
from sidecar.config.plain import plain_headers, plain_path, plain_status
from sidecar.config.rules import Rule, rule
from sidecar.config.values.authorities import unusable_authorities
from sidecar.config.values.check_scalars import (
    AbsolutePath,
    Headers,
    HostHeader,
    Lifetime,
    Pattern,
    ServerName,
)
from sidecar.config.values.scalars import (
    Flag,
    Url,
)
from sidecar.plan import request
from sidecar.plan.check import EXPIRY_WARNING, HttpCheck

_OF_TLS: Final = ("verify", "sni", "ca", "cert_expiry_warning")
_NO_TLS: Final = "there is no certificate to verify without https://; remove `{key}`"


@rule("http")
def https_only(entry: Entry["HttpModel"]) -> Iterator[Finding]:
    """Only TLS has a certificate."""
    if not entry.model.http.tls:
        for key in _OF_TLS:
            if key in entry.given:
                yield Finding((*entry.path, key), "https-only", _NO_TLS.format(key=key), at_key=True)


@rule("ca", "verify")
def usable_ca(entry: Entry["HttpModel"]) -> Iterator[Finding]:
    """Authorities must be known before the first handshake."""
    ca, where = entry.model.ca, (*entry.path, "ca")
    if ca is None:
        return
    if not entry.model.verify:
        message = "with `verify: false` nobody looks at the authorities; remove one of the two"
        yield Finding(where, "ca", message, at_key=True)
    yield from unusable_authorities(ca, where)


@rule("expect", "method")
def body_of_head(entry: Entry["HttpModel"]) -> Iterator[Finding]:
    """The answer to HEAD has no body."""
    expect = entry.model.expect
    for key in ("body", "regex"):
        if entry.model.method == "HEAD" and getattr(expect, key) is not None:
            message = f"the answer to HEAD has no body; remove `{key}`, or use GET"
            yield Finding((*entry.path, "expect", key), "http-body", message, at_key=True)


class HttpExpect(Expect):
    """Conditions on an HTTP answer."""

    regex: Pattern | None = None
    """Regular expression (Python's) that must match somewhere in the first 64 KiB of the body."""


class HttpModel(PolledModel):
    """A request is answered as expected."""

    kind: ClassVar[str] = "http"
    rules: ClassVar[tuple[Rule[Any], ...]] = (*PolledModel.rules, https_only, usable_ca, body_of_head)
    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {
        **PolledModel.elsewhere,
        "expect": (
            "http-only",
            "a {kind} check has no answer to compare; remove `expect`, or use an http check",
        ),
        "verify": ("https-only", _NO_TLS),
    }

    http: Url
    """URL that must answer: http://, https:// or unix:/path.sock:/uri."""
    expect: HttpExpect = HttpExpect()
    """Conditions on the answer."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = "GET"
    """Method of the request, without a body."""
    headers: Headers = Field(default={})
    """Further headers of the request."""
    host: HostHeader | None = None
    """Host header, and name for TLS, instead of those of the URL."""
    verify: Flag = True
    """Verify the certificate; https:// only."""
    sni: ServerName | None = None
    """Name that TLS asks for and verifies, default `host` or the host of the URL; https:// only."""
    ca: AbsolutePath | None = None
    """PEM file with the authorities to trust instead of the system's; https:// only."""
    cert_expiry_warning: Lifetime = EXPIRY_WARNING
    """Rest of the certificate's validity below which a warning is given, never a failure; https:// only."""

    def plan(self, name: str) -> HttpCheck:
        """Return its plain form."""
        return HttpCheck(
            name,
            self.http,
            request.Expect(plain_status(self.expect.status), self.expect.body, self.expect.regex),
            request.Method(self.method),
            plain_headers(self.headers),
            self.host,
            self.verify,
            self.sni,
            plain_path(self.ca),
            self.cert_expiry_warning,
            **self.pace(),
        )


MODEL: Final = HttpModel
