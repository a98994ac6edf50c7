"""keepalived 2.3.3 under a file, the sidecar under what the import makes of it, each on wires of its own."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interop.imported_host import ImportedHost, with_keys_in
from tests.interop.signature import without_signature
from tests.interop.wires import Advert, Heard, Wires
from tests.netns.chroot import FOLDER, inside
from tests.netns.keepalived import command
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import run_sidecar
from tests.unit.migrate.corpus import ENVIRON, ROOT

PATIENCE = 90.0
QUIET = 1.0
"""Seconds in which another router may still be heard, after all that are known of."""
SILENT = 12.0
"""Seconds after which who has said nothing says nothing: three intervals, and the start of a daemon."""
_THEIRS, _OURS = "keepalived", "sidecar"
_ENTER = """
set -eu
cp /etc/keepalived/* /mnt/etc/keepalived
mount --bind /mnt/etc/keepalived /etc/keepalived
mkdir -p /run/netns
for name in $1; do
    : >"/run/netns/$name"
    mount --bind /proc/self/ns/net "/run/netns/$name"
done
shift
exec "$@"
"""
"""The files of the host, and its network under the names that the file has for it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What both sent for one virtual router, None for nothing."""

    keepalived: bytes | None
    sidecar: bytes | None

    @property
    def silent(self) -> str:
        """Who sent nothing; "" if both sent something."""
        return _THEIRS if self.keepalived is None else _OURS if self.sidecar is None else ""

    def __str__(self) -> str:
        theirs, ours = ((data.hex() if data else "nothing") for data in (self.keepalived, self.sidecar))
        return f"keepalived {theirs}, sidecar {ours}"


def differences(
    hosts: Sequence[ImportedHost], folder: Path, silent: frozenset[str] = frozenset()
) -> Mapping[str, Difference]:
    """Run both on every host and return what differs in their first adverts, by host and virtual router.

    Nobody waits for a keepalived that is silent about a virtual router. AssertionError with the log if
    another one sends no advert of a router that our configuration has.
    """
    with ExitStack() as stack:
        wires = Wires(stack)
        awaited: dict[str, set[str]] = {}
        logs = {}
        for number, host in enumerate(hosts):
            # Numbers and no names: the path of a socket is limited.
            home = folder / str(number)
            home.mkdir()
            theirs, ours = f"{_THEIRS} of {host.name}", f"{_OURS} of {host.name}"
            services = {theirs: _keepalived(wires.host(theirs, host.ends), host, home)}
            awaited[theirs] = {router for router in host.routers if f"{host.name}: {router}" not in silent}
            if host.sidecar:
                services[ours] = _sidecar(wires.host(ours, host.ends), host, home / "ours")
                awaited[ours] = set(host.routers)
            for who, service in services.items():
                logs[who] = service.log
                stack.callback(service.kill)
                service.start()
        heard = _heard(wires, awaited, SILENT if silent else QUIET)
        missing = {who: sorted(routers - set(heard[who])) for who, routers in awaited.items()}
        assert not any(missing.values()), "\n".join(
            f"no advert from {who} for {routers}:\n{_end_of(logs[who])}"
            for who, routers in missing.items()
            if routers
        )
        return {
            f"{host.name}: {router}": difference
            for host in hosts
            for router, difference in _compared(
                host, heard[f"{_THEIRS} of {host.name}"], heard.get(f"{_OURS} of {host.name}", {})
            )
        }


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2500:]


def _heard(wires: Wires, awaited: Mapping[str, set[str]], quiet: float) -> Mapping[str, Heard]:
    wires.record_until(
        lambda heard: all(routers <= set(heard[who]) for who, routers in awaited.items()), PATIENCE
    )
    return wires.record_until(lambda _: False, quiet)


def _compared(host: ImportedHost, theirs: Heard, ours: Heard) -> Sequence[tuple[str, Difference]]:
    found = []
    for router in sorted({*theirs, *ours}):
        difference = Difference(
            theirs[router].data if router in theirs else None,
            _unsigned(host, router, ours[router]) if router in ours else None,
        )
        if difference.keepalived != difference.sidecar:
            found.append((router, difference))
    return found


def _unsigned(host: ImportedHost, router: str, advert: Advert) -> bytes:
    """Return an advert without the signature, for which keepalived 2.3.3 has no means.

    AssertionError if the signature is wrong.
    """
    signing: Sequence[Mapping[str, Any]] = host.routers.get(router, {}).get("auth", {}).get("hmac", ())
    if not signing:
        return advert.data
    key = host.keys[Path(signing[0]["key_file"]).name]
    return without_signature(advert, signing[0]["id"], key)


def _keepalived(namespace: Namespace, host: ImportedHost, home: Path) -> Service:
    for name, parent in host.macvlans:
        namespace.ip(f"link add {name} link {parent} type macvlan mode private")
    (home / "keepalived.conf").write_bytes(host.keepalived)
    shutil.copytree(ROOT / "etc", home / "etc")
    run = [*command(Path(FOLDER)), "--log-console", "--config-id", host.name]
    enter = ["sh", "-c", _ENTER, "enter", " ".join(host.network_namespaces), *run]
    return Service(namespace, inside(home, enter), home / "keepalived.log", **ENVIRON)


def _sidecar(namespace: Namespace, host: ImportedHost, folder: Path) -> Service:
    folder.mkdir()
    for name, content in host.keys.items():
        file = folder / name
        file.write_text(content, encoding="ascii")
        file.chmod(0o600)
    return run_sidecar(namespace, "a", folder, with_keys_in(folder, host.sidecar))
