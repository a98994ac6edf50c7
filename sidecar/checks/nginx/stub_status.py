"""The figures of nginx about itself (ngx_http_stub_status_module). Pure."""

import re
from dataclasses import dataclass
from typing import Final

_MOST: Final = 1024
_FORM: Final = re.compile(
    rb"Active connections: ([0-9]{1,18}) ?\r?\n"
    rb"server accepts handled requests\r?\n"
    rb" ([0-9]{1,18}) ([0-9]{1,18}) ([0-9]{1,18}) ?\r?\n"
    rb"Reading: ([0-9]{1,18}) Writing: ([0-9]{1,18}) Waiting: ([0-9]{1,18}) ?\r?\n?"
)


@dataclass(frozen=True, slots=True)
class StubStatus:
    """The seven numbers. `dropped` connections were accepted and not handled: a limit was reached."""

    active: int
    accepts: int
    handled: int
    requests: int
    reading: int
    writing: int
    waiting: int

    @property
    def dropped(self) -> int:
        """Connections that nginx had to close at once, since it started."""
        return self.accepts - self.handled

    def __str__(self) -> str:
        now = f"{self.active} active ({self.reading} reading, {self.writing} writing, {self.waiting} waiting)"
        total = f"{self.requests} requests over {self.handled} connections"
        return f"{now}, {total}" + (f", {self.dropped} dropped" if self.dropped else "")


def parse(body: bytes) -> StubStatus | None:
    """Return the numbers, or None when this is no stub_status."""
    match = _FORM.fullmatch(body[:_MOST])
    return StubStatus(*map(int, match.groups())) if match else None
