"""The hosts that files of the corpus are for: what keepalived and the sidecar read on each of them.

Both without what is tracked, which moves the priority and stops adverts; and without hooks. keepalived 2.3.3
without `auth_hmac` and `${_ENV NAME}`, too, which it does not know.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sidecar.migrate.result import CONFIG, Result
from tests.interop.wires import Ends, label, usable
from tests.unit.migrate.corpus import ENVIRON, imported

_LEFT_OUT = re.compile(rb"\b(?:track_(?:script|process|file|interface|bfd)|auth_hmac)\s*\{[^{}]*\}")
_ENVIRONMENT = re.compile(rb"\$\{_ENV (\w+)\}")
_INTERFACE = re.compile(rb"\b(?:interface|dev)[ \t]+([A-Za-z0-9_.-]+)(?=[\s#{}]|$)")
_VIRTUAL_MAC = re.compile(rb"\buse_vmac[ \t]+(?:name[ \t]+)?([A-Za-z0-9_.-]+)")
_UNICAST_PEERS = re.compile(rb"\bunicast_peer\s*\{([^{}]*)\}")
_NAMESPACE = re.compile(rb"^net_namespace[ \t]+(\w+)", re.MULTILINE)
_REFERENCE = re.compile(r"\$\{(\w+):[^}]*\}")
_OUR_KEYS, _THEIR_KEYS = "/etc/vip-sidecar/", "/etc/keepalived/"
_SIGNED_BY_HAND = "f" * 32
"""The key in the one file that is not on this machine."""


@dataclass(frozen=True, slots=True)
class ImportedHost:
    """One host. `name` is its id for lines after @, too. `sidecar` is {} if our reader refuses the result."""

    name: str
    keepalived: bytes
    sidecar: Mapping[str, Any]
    keys: Mapping[str, str]
    """Content by the name of a file of a key."""
    ends: Ends

    @property
    def network_namespaces(self) -> Sequence[str]:
        """Names that keepalived looks up for the network that it is in."""
        return [name.decode() for name in _NAMESPACE.findall(self.keepalived)]

    @property
    def macvlans(self) -> Sequence[tuple[str, str]]:
        """Interfaces with a virtual MAC that addresses are on, and their parents."""
        parents = [router["interface"] for router in self.routers.values() if router.get("virtual_mac")]
        named = {*_VIRTUAL_MAC.findall(self.keepalived)} & {*_INTERFACE.findall(self.keepalived)}
        return [(name.decode(), parent) for name, parent in zip(sorted(named), parents, strict=False)]

    @property
    def routers(self) -> Mapping[str, Mapping[str, Any]]:
        """Our virtual routers on interfaces that there are, by what the wire knows of them."""
        found = {}
        for router in self.sidecar.get("virtual_routers", {}).values():
            if router["interface"] not in self.ends.interfaces:
                continue
            family = ipaddress.ip_interface(router["addresses"][0]).version
            found[label(router["interface"], family, router["vrid"])] = router
        return found


def hosts_of(files: Sequence[Path]) -> Iterator[ImportedHost]:
    """Yield the hosts of a file or of a pair."""
    result = imported(files)
    for number, translation in enumerate(result.hosts):
        (file,) = (file for file in files if str(file).endswith(f"/{translation.file}"))
        own = f"192.0.2.{11 + number}"
        environment = result.joined.environments[translation.host]
        routers = _read(result, {name: value or own for name, value in environment.items()})
        text = _ENVIRONMENT.sub(
            lambda found: ENVIRON[found[1].decode()].encode(), _LEFT_OUT.sub(b"", file.read_bytes())
        )
        sidecar = {} if result.errors else routers
        yield ImportedHost(translation.host, text, sidecar, _keys(result), _ends(text, routers, own))


def _read(result: Result, environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Read the configuration as this host does, without checks, hooks and pools."""
    text = _REFERENCE.sub(lambda found: environment[found[1]], result.files[CONFIG])
    whole = yaml.safe_load(text)
    routers = {
        name: {key: value for key, value in router.items() if key not in {"checks", "hooks"}}
        for name, router in whole["virtual_routers"].items()
    }
    groups = {"sync_groups": whole["sync_groups"]} if "sync_groups" in whole else {}
    return {"virtual_routers": routers, **groups}


def _keys(result: Result) -> Mapping[str, str]:
    ours = {Path(name).name: content for name, content in result.secret_files.items()}
    return {**ours, "vrrp.key": _SIGNED_BY_HAND}


def with_keys_in(folder: Path, sidecar: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration with the files of keys in a folder of the test."""
    text = yaml.safe_dump(sidecar, sort_keys=False)
    for elsewhere in (_OUR_KEYS, _THEIR_KEYS):
        text = text.replace(f"key_file: {elsewhere}", f"key_file: {folder}/")
    moved = yaml.safe_load(text)
    assert isinstance(moved, dict)
    return moved


def _ends(text: bytes, sidecar: Mapping[str, Any], own: str) -> Ends:
    routers = list(sidecar["virtual_routers"].values())
    sources = {source for router in routers for source in _sources(router)}
    mine = sorted(source for source in sources if ipaddress.ip_address(source).version == 4) or [own]
    named = {name.decode() for name in _INTERFACE.findall(text)} | {router["interface"] for router in routers}
    made = {name.decode() for name in _VIRTUAL_MAC.findall(text)}
    interfaces = sorted(name for name in named - made if usable(name)) or ["eth0"]
    # Of the file, too: what the import takes from the other host of a pair is not what keepalived sends to.
    peers = set(_peers(text)).union(*(router.get("unicast", {}).get("peers", ()) for router in routers))
    return Ends(
        sorted(interfaces, key=lambda name: name != "eth0"),
        [*(f"{address}/24" for address in mine), "2001:db8::11/64"],
        sorted(peers - set(mine) - {"2001:db8::11"}),
        [(router["interface"], each) for router in routers for each in _networks(router)],
    )


def _peers(text: bytes) -> Iterator[str]:
    """Yield the addresses in the blocks of unicast peers of a file for keepalived."""
    for block in _UNICAST_PEERS.findall(text):
        for word in block.decode().split():
            with suppress(ValueError):
                yield str(ipaddress.ip_address(word))


def _networks(router: Mapping[str, Any]) -> Iterator[str]:
    """Yield an address in each network of the VIPs: a host that has none does not serve them."""
    for network in {ipaddress.ip_interface(vip).network for vip in router["addresses"]}:
        if network.num_addresses > 4 and not network.is_link_local:
            yield f"{network[-3]}/{network.prefixlen}"


def _sources(router: Mapping[str, Any]) -> Sequence[str]:
    return [source for source in (router.get("source"), router.get("unicast", {}).get("source")) if source]
