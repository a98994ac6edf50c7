"""Log lines of a reload: the outcome, and one for each change, mistake and warning."""

import json
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.channel.reload import Reloaded, ReloadResult

_MOST: Final = 100
"""Lines of one kind."""


def write(log: FilteringBoundLogger, outcome: Reloaded) -> None:
    """Write the lines of a reload."""
    plan = json.loads(outcome.told) if outcome.told else {}
    changes = plan.get("changes", [])
    count = len(changes) + plan.get("more_changes", 0)
    if outcome.result is ReloadResult.REFUSED:
        log.error("reload", result=outcome.result.value, detail=f"nothing was changed: {outcome.why}")
    else:
        log.info("reload", result=outcome.result.value, changes=count)
    for mistake in plan.get("mistakes", [])[:_MOST]:
        log.error("reload_mistake", detail=mistake)
    for change in changes[:_MOST]:
        log.info("reload_change", **{name: text for name, text in change.items() if text})
    for warning in plan.get("warnings", [])[:_MOST]:
        log.warning("config_warning", detail=warning)
    if plan.get("environment"):
        log.info("reload_environment", detail=plan["environment"])
