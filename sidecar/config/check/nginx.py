"""The nginx check in the configuration."""

from typing import ClassVar, Final

from pydantic import Field

from sidecar.config.check.polled import PolledModel
from sidecar.config.values.scalars import (
    Url,
    Whole,
)
from sidecar.plan.check import NginxCheck


class NginxModel(PolledModel):
    """The stub_status of nginx answers."""

    kind: ClassVar[str] = "nginx"

    nginx: Url
    """URL of nginx's stub_status."""
    workers: Whole = Field(default=1, ge=1, le=64)
    """Workers of this nginx; above 1, one of them that hangs is seen."""
    max_active: Whole | None = Field(default=None, ge=1, le=1_000_000)
    """Most active connections; above, nginx is full."""

    def plan(self, name: str) -> NginxCheck:
        """Return its plain form."""
        return NginxCheck(name, self.nginx, self.workers, self.max_active, **self.pace())


MODEL: Final = NginxModel
