"""One `vrrp_instance` as a virtual router."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from sidecar.config.mistake import ConfigError
from sidecar.migrate import authentication, transport
from sidecar.migrate.addresses import address, device_of, link_local_first, vips
from sidecar.migrate.authentication import KeyFile
from sidecar.migrate.checks import Checks
from sidecar.migrate.draft import Document, Draft
from sidecar.migrate.entries import Entry, label
from sidecar.migrate.fact import Fact, duration, is_interface, said, seconds, switch, text, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.notify import hooks
from sidecar.migrate.place import refused
from sidecar.migrate.rules_instance import INSTANCE
from sidecar.migrate.tree import Statement

OWNER: Final = 255
_DEFAULT_PRIORITY: Final = 100
_UNICAST: Final = (
    "; its manual allows no unicast_peer beside it: 2.2.7 uses them all the same, as this does, and other "
    "versions drop the instance"
)
_LONGEST_DELAY: Final = 1000


@dataclass(slots=True)
class Routers:
    """The virtual routers of one file so far."""

    document: Document
    checks: Checks
    findings: Findings
    entries: dict[str, Entry] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Our names by those of keepalived."""
    key_files: list[KeyFile] = field(default_factory=list)
    tracked: dict[str, list[tuple[str, Statement]]] = field(default_factory=dict)
    """By our names: what each tracks, with the statements that say so."""

    def add(self, draft: Draft) -> None:
        """Translate one instance.

        Raises:
            ConfigError: it has no VRID or no VIP; keepalived does not use such an instance either.

        """
        opening = draft.opening
        name = label(draft.name, self.entries, "router")
        if name != draft.name:
            self.findings.approximated(opening, f"named {name} here")
        entry = Entry((opening.place,))
        interface = self._interface(draft, entry)
        vrid = self._vrid(draft)
        entry.put("vrid", vrid.value, vrid.place)
        if "state" in draft.said:
            self.findings.dropped(draft.said["state"], INSTANCE["state"].note)
        self._priority(draft, entry)
        found = vips(draft, (interface, *_macvlan(draft)), self.findings)
        if not found:
            raise self._without_vip(draft, opening)
        link_local_first(found, self.findings)
        entry.put("addresses", tuple(str(vip) for vip, _ in found), *(word.place for _, word in found))
        family = found[0][0].version
        strict = self._strict(draft)
        spoken = transport.version(draft, self.document.global_defs, family, entry, self.findings)
        transport.interval(draft, spoken, entry, self.findings)
        transport.destination(draft, family, entry, self.findings)
        authentication.password(draft, spoken, strict, entry, self.findings)
        self.key_files += authentication.keys(draft, name, entry, self.findings)
        transport.checksum(draft, self.document.global_defs, spoken, family, entry, self.findings)
        self._preemption(draft, strict, entry)
        self._startup(entry)
        self._switches(draft, entry)
        hooks(draft, entry, self.checks.scripts, self.findings)
        self._excluded(draft, entry)
        tracked = list(self.checks.tracked_by(draft))
        unique = tuple(dict.fromkeys(check for check, _ in tracked))
        entry.put("checks", unique, *(statement.place for _, statement in tracked))
        self.tracked[name] = tracked
        self.entries[name] = entry
        self.names[draft.name] = name
        self.findings.mapped(opening, f"virtual_routers.{name}")

    def _without_vip(self, draft: Draft, opening: Statement) -> ConfigError:
        where = draft.said.get("virtual_ipaddress", opening)
        name = draft.name or "this instance"
        given = [said(statement.words[0]) for statement in where.body] if where is not opening else []
        what = f"no VIP, for {', '.join(given)} is none" if given else "no VIP"
        message = f"{name} has {what}: add one such as 192.0.2.100/24"
        return refused(where.place, "no-vip", message)

    def _vrid(self, draft: Draft) -> Fact[int]:
        statement = draft.said.get("virtual_router_id")
        if statement is None:
            message = f"{draft.name} has no virtual_router_id; add one of 1 to 255"
            raise refused(draft.opening.place, "no-vrid", message + _misspelt(draft, "virtual_router_id"))
        given = whole(statement, 1, 255, Findings())
        if given is None:
            shown = said(statement.values[0]) if statement.values else "nothing"
            raise refused(statement.place, "vrid", f"{shown} is no virtual_router_id; write 1 to 255")
        self.findings.mapped(statement, f"vrid: {given.value}")
        return given

    def _interface(self, draft: Draft, entry: Entry) -> str:
        statement = draft.said.get("interface")
        given = text(statement, self.findings) if statement else None
        if statement is None or given is None:
            message = f"{draft.name} names no interface; add it{_misspelt(draft, 'interface')}"
            raise refused(draft.opening.place, "no-interface", message)
        # `ip link` shows the peer of an interface behind its name.
        name, at, _ = given.value.partition("@")
        name = name if at and is_interface(name) else given.value
        entry.put("interface", name, given.place)
        if is_interface(name):
            self.findings.mapped(statement, f"interface: {name}")
        if name != given.value or not is_interface(name):
            shown = said(statement.values[0])
            what = f"; {name} is written" if name != given.value else "; correct it"
            self.findings.decide(statement, f"{shown} is no name of an interface{what}")
        return name

    def _priority(self, draft: Draft, entry: Entry) -> None:
        statement = draft.said.get("priority")
        given = whole(statement, 1, OWNER, self.findings) if statement else None
        if statement is not None and given is not None:
            entry.put("priority", given.value, given.place)
            self.findings.mapped(statement, "priority, in .env")
            return
        default = OWNER if _is_master(draft) and statement is None else _DEFAULT_PRIORITY
        entry.put("priority", default, note=f"none given: keepalived takes {default}")
        self.findings.approximated(
            draft.opening, f"no usable priority: keepalived takes {default}, so does this"
        )

    def _strict(self, draft: Draft) -> Statement | None:
        """Return the statement that makes keepalived strict."""
        general = self.document.global_defs.said.get("vrrp_strict")
        for statement in (draft.said.get("strict_mode"), general):
            given = switch(statement, self.findings) if statement else None
            if statement is None or given is None:
                continue
            if not given.value:
                self.findings.dropped(statement, "nothing is strict here")
                return None
            self.findings.approximated(
                statement,
                "keepalived then sends no password and drops what is sent to the VIPs; here the VIPs "
                f"accept it (`accept: false` would not){_UNICAST if 'unicast_peer' in draft.said else ''}",
            )
            return statement
        return None

    def _preemption(self, draft: Draft, strict: Statement | None, entry: Entry) -> None:
        statement, delay = draft.said.get("nopreempt"), draft.said.get("preempt_delay")
        preempting = draft.said.get("preempt")
        priority = entry.values["priority"].value
        why = "beside state MASTER" if _is_master(draft) else "at priority 255" if priority == OWNER else ""
        if preempting:
            self.findings.mapped(preempting, "preempt: true, the default")
        never = False
        if statement is not None:
            if why:
                self.findings.decide(
                    statement,
                    f"keepalived ignores it {why}, so it is left out; if it was meant, write preempt: false",
                )
            else:
                never = True
                entry.put("preempt", False, statement.place)
                self.findings.mapped(statement, "preempt: false")
        given = seconds(delay, self.findings) if delay else None
        if delay is None or given is None:
            return
        if never or why or strict:
            by = "beside nopreempt" if never else f"beside {strict.keyword}" if strict else ""
            self.findings.dropped(delay, f"keepalived ignores it {why or by}")
            return
        if given.value > _LONGEST_DELAY:
            self.findings.decide(delay, "over 1000 s: keepalived ignores it, and so does this")
            return
        entry.put("preempt_delay", duration(given.value), given.place)
        self.findings.mapped(delay, f"preempt_delay: {duration(given.value)}")

    def _startup(self, entry: Entry) -> None:
        """Put the delay after a start, which keepalived has once for all instances."""
        statement = self.document.global_defs.said.get("vrrp_startup_delay")
        given = seconds(statement, self.findings) if statement else None
        if statement is None or given is None:
            return
        if given.value > _LONGEST_DELAY:
            self.findings.decide(
                statement, "a startup_delay is 1000 s at most; write it for each virtual router"
            )
            return
        entry.put("startup_delay", duration(given.value), given.place)
        self.findings.mapped(statement, f"startup_delay: {duration(given.value)}")

    def _switches(self, draft: Draft, entry: Entry) -> None:
        vmac = draft.said.get("use_vmac")
        if vmac is not None:
            entry.put("virtual_mac", True, vmac.place)
            if vmac.values:
                self.findings.approximated(vmac, "virtual_mac: true; the interface has a name of ours")
            else:
                self.findings.mapped(vmac, "virtual_mac: true")
        refusing = draft.said.get("no_accept")
        if refusing is not None:
            entry.put("accept", False, refusing.place)
            self.findings.mapped(
                refusing, "accept: false, as before: nothing that listens on a VIP is reached"
            )
        adverts = draft.said.get("down_timer_adverts")
        if adverts is not None:
            if [word.text for word in adverts.values] == ["3"]:
                self.findings.mapped(adverts, "always three here")
            else:
                self.findings.decide(
                    adverts, "three missed adverts count here; a longer advert_int waits as long"
                )

    def _excluded(self, draft: Draft, entry: Entry) -> None:
        for statement in draft.words_of("virtual_ipaddress_excluded"):
            vip = address(statement.words[0])
            if vip is None:
                self.findings.decide(statement, f"{said(statement.words[0])} is no address; correct it")
                continue
            same = (":" in str(entry.plain("addresses"))) == (vip.version == transport.IPV6)
            where = "in `addresses`" if same else f"in a virtual router of its own for IPv{vip.version}"
            device = device_of(statement)
            if device not in ("", entry.plain("interface")):
                where = f"in a virtual router of its own on {device}, with a VRID that is free there"
            entry.remarks.append((statement.place, f"{vip} was not advertised; later {where}"))
            self.findings.decide(
                statement,
                f"every VIP is advertised here, so {vip} would change the adverts: once both hosts "
                f"have moved, put it "
                f"{where}",
            )


def _misspelt(draft: Draft, keyword: str) -> str:
    """Return where a word stands that may be meant for a missing keyword."""
    for statement in draft.opening.body:
        if any(word.text == keyword for word in statement.words[1:]):
            return f": it stands behind {statement.keyword} in line {statement.place.line}; write one a line"
    unknown = {statement.keyword: statement for statement in draft.opening.body if statement.words}
    near = get_close_matches(keyword, unknown.keys() - INSTANCE.keys(), n=1, cutoff=0.75)
    return f", or is {near[0]} in line {unknown[near[0]].place.line} meant for it?" if near else ""


def _macvlan(draft: Draft) -> tuple[str, ...]:
    """Return the name of the interface with the virtual MAC, where the file says it."""
    statement = draft.said.get("use_vmac")
    words = [word.text for word in statement.values] if statement else []
    return tuple(word for word in words[words[:1] == ["name"] :][:1] if ":" not in word)


def _is_master(draft: Draft) -> bool:
    statement = draft.said.get("state")
    return statement is not None and [word.text for word in statement.values[:1]] == ["MASTER"]
