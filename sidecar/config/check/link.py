"""The link check in the configuration."""

from typing import ClassVar, Final

from sidecar.config.check.base import CheckModel
from sidecar.config.values.scalars import Interface
from sidecar.plan.check import LinkCheck


class LinkModel(CheckModel):
    """An interface is up with carrier. Told by the kernel."""

    kind: ClassVar[str] = "link"

    link: Interface
    """Interface that must be up with carrier: a name of it, or an address or network that it has."""

    def plan(self, name: str) -> LinkCheck:
        """Return its plain form."""
        return LinkCheck(name, self.link, rise=self.rise, fall=self.fall)


MODEL: Final = LinkModel
