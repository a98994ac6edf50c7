"""Whether weights can move the VIP between the hosts of a pair, whose priorities are both known here."""

from collections.abc import Iterator, Sequence

from sidecar.migrate.translate import Translation

_PAIR = 2


def weak_weights(hosts: Sequence[Translation]) -> Iterator[str]:
    """Yield a line for each router whose weights are smaller than the gap between the priorities."""
    if len(hosts) != _PAIR:
        return
    for name, entry in hosts[0].entries.routers.items():
        other = hosts[1].entries.routers.get(name)
        checks = entry.plain("checks", ())
        if other is None or not isinstance(checks, tuple):
            continue
        ours, theirs = entry.plain("priority"), other.plain("priority")
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
