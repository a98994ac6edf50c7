"""The one sentence of the page. Pure."""

from typing import Final

from sidecar.telemetry.document import Router, Status
from sidecar.telemetry.page.model import LONGEST, Banner, Tone
from sidecar.telemetry.plain_words import divided, excerpt, moment, printable
from sidecar.telemetry.verdict import Level, Verdict

TONES: Final = {Level.OK: Tone.WELL, Level.DEGRADED: Tone.LOOK, Level.BROKEN: Tone.BAD}
_MOST: Final = 20


def banner(status: Status, verdict: Verdict) -> Banner:
    """Return the verdict in one sentence: what this host does, and the worst reason to look.

    A sentence that is too long goes on as the first of the other reasons: its end mends what is wrong.
    """
    reasons = [printable(reason) for reason in verdict.reasons]
    does = _does(status)
    match verdict.code:
        case Level.OK:
            sentence = does
        case Level.DEGRADED:
            sentence = f"{does}; {reasons[0]}"
        case Level.BROKEN:
            sentence = reasons[0]
    sentence, more = divided(sentence, LONGEST)
    rest = [excerpt(reason, LONGEST) for reason in reasons[1:_MOST]]
    if more:
        sentence, rest = f"{sentence}...", [excerpt(f"... {more}", LONGEST), *rest]
    if len(reasons) > _MOST:
        rest.append(f"and {len(reasons) - _MOST} more")
    clock = f"{moment(status['at'], status['at'])} UTC"
    return Banner(TONES[verdict.code], printable(status["node"]), sentence, tuple(rest), clock)


def starting(node: str, sentence: str) -> Banner:
    """Return the banner of a sidecar that has decided nothing yet."""
    return Banner(Tone.LOOK, node, sentence, (), "")


def _does(status: Status) -> str:
    if status["stopping"]:
        return "ends, and gives its VIPs away"
    routers = status["virtual_routers"]
    served = [router for router in routers if router["state"] == "MASTER"]
    waiting = [router for router in routers if router["state"] == "BACKUP"]
    parts = []
    if served:
        parts.append(f"serves {_names(served)}")
    if waiting:
        parts.append(f"stands by for {_names(waiting)}{_served_by(waiting)}")
    does = " and ".join(parts) or "serves nothing"
    if drain := status["drain"]:
        return f"{excerpt(printable(drain['why']), LONGEST)}; {does}"
    return does


def _names(routers: list[Router]) -> str:
    if len(routers) > 1:
        return f"{len(routers)} virtual routers"
    (router,) = routers
    vips = [vip["address"].partition("/")[0] for vip in router["addresses"]]
    more = "" if len(vips) == 1 else f" and {len(vips) - 1} more"
    return f"{router['name']} ({vips[0]}{more})" if vips else router["name"]


def _served_by(waiting: list[Router]) -> str:
    sources = {router["master"] and router["master"]["source"] for router in waiting}
    (only,) = sources if len(sources) == 1 else (None,)
    return f", served by {only}" if only else ""
