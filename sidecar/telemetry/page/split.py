"""Hosts that have a VIP beside another one. Pure.

What another host told is up to two seconds old: after a move it still has the VIP by its last answer. So two
holders are those that were found to be, and not all that two answers name.
"""

from sidecar.telemetry.document import Status
from sidecar.telemetry.node_findings import Kind


def second_holders(status: Status) -> set[str]:
    """Return the URLs of the hosts that have a VIP at the same time as this one or another one."""
    return {each["url"] for each in status["node_findings"] if each["kind"] == Kind.TWO_HOLDERS}
