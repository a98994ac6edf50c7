"""Whether priorities and weights decide which host of a pair has the VIP: both are known here."""

from collections.abc import Iterator, Sequence

from sidecar.migrate.translate import Translation

_PAIR = 2


def weak_weights(hosts: Sequence[Translation]) -> Iterator[str]:
    """Yield a line for each router of equal priorities, or of weights that are smaller than the gap."""
    if len(hosts) != _PAIR:
        return
    for name, entry in hosts[0].entries.routers.items():
        other = hosts[1].entries.routers.get(name)
        checks = entry.plain("checks", ())
        if other is None or not isinstance(checks, tuple):
            continue
        ours, theirs = entry.plain("priority"), other.plain("priority")
        if ours == theirs:
            yield (
                f"virtual_routers.{name}: both hosts have priority {ours}, so the higher address wins: give "
                "them different ones"
            )
        known = hosts[0].entries.checks
        given = [known[str(check)].plain("weight", 0) for check in checks if check in known]
        reach = sum(abs(weight) for weight in given if isinstance(weight, int))
        if isinstance(ours, int) and isinstance(theirs, int) and 0 < reach <= abs(ours - theirs):
            gap = abs(ours - theirs)
            yield (
                f"virtual_routers.{name}: its weights add up to {reach} and the priorities differ by "
                f"{gap}, so they "
                f"never move the VIP: write {gap + 1} or more, or no weight"
            )
