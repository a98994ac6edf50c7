"""The tcp check in the configuration."""

from typing import ClassVar, Final

from sidecar.config.check.polled import PolledModel
from sidecar.config.values.scalars import TcpEndpoint
from sidecar.plan.check import TcpCheck


class TcpModel(PolledModel):
    """A connection opens."""

    kind: ClassVar[str] = "tcp"

    tcp: TcpEndpoint
    """host:port that must accept a connection."""

    def plan(self, name: str) -> TcpCheck:
        """Return its plain form."""
        return TcpCheck(name, self.tcp, **self.pace())


MODEL: Final = TcpModel
