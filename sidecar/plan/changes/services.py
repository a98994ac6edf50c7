"""Changes of everything else: node, status server, control socket, Docker engine, log, what lasts."""

from collections.abc import Iterator

from sidecar.core.params import NodeParams
from sidecar.plan.changes.change import NOBODY, Change
from sidecar.plan.changes.rule import differences, each, elsewhere, nested, table, value
from sidecar.plan.plan import ObserverPlan, Plan
from sidecar.plan.services import Control, Docker, Exposition, Http, Log, State


def service_changes(old: Plan, new: Plan) -> Iterator[Change]:
    """Yield what changes about the node and its services."""
    yield from differences("", old.node, new.node)
    yield from differences("", old.observer, new.observer)


_checked = "container checks and reloads of containers begin with it; their verdicts go on"
table(Plan, node=elsewhere, observer=elsewhere)
table(
    NodeParams,
    node=value("node", "lines of the log and the status name this host so; the other hosts do not notice"),
    routers=elsewhere,
    checks=elsewhere,
    sync_groups=elsewhere,
)
table(
    ObserverPlan,
    node=elsewhere,
    routers=elsewhere,
    checks=elsewhere,
    pools=elsewhere,
    metrics=nested("metrics", "", ""),
    http=nested("http", "", ""),
    control=nested("control", "", ""),
    state=nested("state", "", ""),
    docker=nested("docker", _checked, "the engine is no longer asked"),
    log=nested("log", "", ""),
    nodes=each(
        "nodes",
        f"the status shows it; {NOBODY} else",
        f"the status shows it no more; {NOBODY} else",
        lambda node: f"http://{node.host}:{node.port}",
        order=f"the status shows them in another order; {NOBODY} else",
    ),
    shared_hash=elsewhere,  # it follows from the routers
    warnings=elsewhere,  # they are shown beside the changes
    from_environment=elsewhere,  # likewise
    rules=elsewhere,  # what the routers have
    hooks=elsewhere,  # compared with the routers
    sync_groups=elsewhere,  # likewise
)
table(
    Exposition,
    keepalived_names=value(
        "keepalived_names", "/metrics has the names of a keepalived exporter, too, or no more"
    ),
)
table(Http, listen=value("listen", "the status server moves: whoever scrapes it needs the new address"))
table(Control, socket=value("socket", "it moves: commands need the new path (--socket)"))
table(State, dir=value("dir", "it counts from the next start: until then events are kept where they are"))
table(Docker, url=value("url", _checked))
table(
    Log,
    format=value("format", "lines of the log look different from now on"),
    level=value("level", f"the log has more lines, or fewer; {NOBODY} else"),
)
