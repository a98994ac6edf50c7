"""The container check in the configuration."""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from sidecar.config.check.base import CheckModel
from sidecar.config.values.container import Container
from sidecar.plan.check import ContainerCheck


class ContainerModel(CheckModel):
    """A Docker container runs and is not unhealthy. Told by Docker's events."""

    kind: ClassVar[str] = "container"
    needs_docker: ClassVar[bool] = True
    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {
        "on_fail": (
            "container-only",
            "a {kind} check has nothing to restart; remove `on_fail`, or use a container check",
        )
    }

    container: Container
    """Docker container that must run: by name, or by labels; followed by its id when it is renamed."""
    on_fail: Literal["restart"] | None = None
    """`restart`: restart the container when its check goes down, within limits."""

    def plan(self, name: str) -> ContainerCheck:
        """Return its plain form."""
        restart = self.on_fail == "restart"
        return ContainerCheck(name, self.container, restart, rise=self.rise, fall=self.fall)


MODEL: Final = ContainerModel
