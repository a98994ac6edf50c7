"""Where a sidecar keeps what the next one must know."""

from sidecar.plan.plan import ObserverPlan


def state_folder(plan: ObserverPlan) -> str:
    """Return the folder of the configuration, or the one that belongs to the control socket."""
    if plan.state.dir is not None:
        return plan.state.dir
    folder, slash, name = plan.control.socket.rpartition("/")
    return f"{folder}{slash}{name.removesuffix('.sock')}.state"
