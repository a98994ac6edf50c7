"""Hosts that disagree (version, interval, VIPs, unicast, authentication), or a file not yet applied."""

from collections.abc import Iterator
from dataclasses import replace

from sidecar.core.params import AuthMode, RouterParams
from sidecar.core.router.address_list import fitting, names_all
from sidecar.core.router.admission import Admission
from sidecar.core.router.differences import Difference, claimed_bytes, explain, explain_followed
from sidecar.core.wire.advert import Drop
from sidecar.doctor.evidence import Evidence, Heard, Running
from sidecar.doctor.problem import Problem, Severity, Unseen

_REFUSED = "this host refuses its adverts, so both may serve at the same time"
_FOLLOWED = "a failover changes which addresses are served"
_TOLD_ELSEWHERE = frozenset({Drop.ADDRESSES, Drop.OWN})


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Ask the running sidecar what differs; before the first start, judge what is heard as it would."""
    if evidence.running is not None:
        yield from _running(evidence, evidence.running)
        return
    if isinstance(evidence.air, Unseen):
        yield evidence.air
        return
    for router in evidence.routers:
        told = set[tuple[str, str]]()
        for heard in evidence.heard(router):
            difference, refused = _difference(router, heard, evidence)
            key = str(heard.packet.source), difference.detail
            if difference.detail and key not in told:
                told.add(key)
                yield _problem(router.name, key[0], heard.mac, difference, refused=refused)


def _running(evidence: Evidence, running: Running) -> Iterator[Problem]:
    for router in evidence.routers:
        for told in running.router(router.name)[-1:]:
            for each in told["mismatches"]:
                # A host that names none of our VIPs is refused and told elsewhere; one with some is followed.
                if not each["refused"] or each["reason"] not in _TOLD_ELSEWHERE:
                    difference = Difference(each["detail"], each["remedy"])
                    mac = each["mac"] or "MAC address not known"
                    yield _problem(router.name, each["source"], mac, difference, refused=each["refused"])
    for finding in running.after.get("node_findings", []):
        if finding["kind"] == "drift":
            what, _, mend = finding["sentence"].partition(": ")
            yield Problem("", Severity.WARNING, what, finding["url"], _FOLLOWED, mend)
    applied, written = running.after["config_hash"], evidence.plan.shared_hash
    if applied != written:
        yield Problem(
            "",
            Severity.WARNING,
            "the running sidecar has another configuration than the file",
            f"hash {applied} runs, {written} is written (VRIDs, version, interval, addresses, unicast, auth)",
            "what is examined here is the file",
            "vip-sidecar reload",
        )


def _difference(router: RouterParams, heard: Heard, evidence: Evidence) -> tuple[Difference, bool]:
    """Return what differs, and whether it is refused. No detail: nothing, or it is another's packet."""
    nothing = Difference("", "")
    packet = replace(heard.packet, interface=router.interface)
    vips = {vip.ip.packed for vip in router.addresses}
    same_vrid = len(packet.payload) > 1 and packet.payload[1] == router.vrid
    if not same_vrid and vips.isdisjoint(claimed_bytes(packet)):
        return nothing, False
    device = evidence.device(router)
    own = {vip.ip for vip in device.own} if device is not None else set()
    here = packet.destination if packet.destination in own else None
    advert = Admission(router, None).admit(packet, here, 0.0)
    if isinstance(advert, Drop):
        return (nothing if advert in _TOLD_ELSEWHERE else explain(advert, packet, router)), True
    unsigned = router.hmac is not None and router.hmac.mode is AuthMode.ENFORCE and not advert.trailer
    if unsigned:
        return explain(Drop.AUTH_MISSING, packet, router), True
    equal = names_all(router, advert.addresses, fitting(router, 0 if device is None else device.mtu))
    return (nothing if equal else explain_followed(packet, router)), False


def _problem(router: str, source: str, mac: str, difference: Difference, *, refused: bool) -> Problem:
    return Problem(
        router,
        Severity.FAULT if refused else Severity.WARNING,
        f"{source} differs: {difference.detail}",
        f"adverts of {source} ({mac})",
        _REFUSED if refused else _FOLLOWED,
        difference.remedy,
    )
