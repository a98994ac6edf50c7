"""keepalived 2.3.3 under a file and the sidecar under what it becomes send the same bytes.

Of every file of the corpus that the import translates, and of both files of a pair. Each host is alone on its
wires, and takes over after three intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sidecar.migrate.report import report
from tests.interop.imported_host import hosts_of
from tests.interop.same_bytes import differences
from tests.sample import sample
from tests.unit.migrate.corpus import PAIRS, SINGLE, files_of, imported

pytestmark = pytest.mark.interop

CASES = [
    *(pytest.param([file], id=file.stem) for file in SINGLE),
    *(pytest.param(files_of(pair), id=f"pair-{pair.name}") for pair in PAIRS),
]


KEEPALIVED, SIDECAR = "keepalived", "sidecar"


@dataclass(frozen=True, slots=True)
class Told:
    """A difference that the import tells of, in these words. `silent`: who sends nothing, "" if both send."""

    words: str
    silent: str = ""


_ETH0 = "host: eth0 IPv4 VRID"
_TAKEN = "that of lb1 is taken for both"
TOLD: Mapping[str, Mapping[str, Told]] = {
    # Adverts in another IP protocol, 51.
    "authentication-header": {f"{_ETH0} 51": Told("AH has no equal", KEEPALIVED)},
    # keepalived refuses the whole file, or finds nothing in it.
    "blocks-missing": {f"{_ETH0} 51": Told("stands here without a block", KEEPALIVED)},
    "placeholders": {"host: eth0.20 IPv4 VRID 6": Told("eth0.20@bond0 is no name", KEEPALIVED)},
    "script-not-here": {f"{_ETH0} 51": Told("has no name", KEEPALIVED)},
    "wrong-values": {f"{_ETH0} 51": Told("fe80::1 is no IPv4 address", KEEPALIVED)},
    # It runs, and sends nothing.
    "routes-and-bfd": {f"{_ETH0} 51": Told("there is no ipvlan here", KEEPALIVED)},
    "unicast-of-nobody": {f"{_ETH0} 51": Told("of TTL 0, which leave no host", KEEPALIVED)},
    # Both send.
    "ipv6": {"host: eth0 IPv6 VRID 51": Told("advertised first, as in RFC 9568")},
    "numbers-as-read": {"host: eth0 IPv6 VRID 6": Told("sends version 2 over IPv6")},
    "words-of-2.4": {f"{_ETH0} 51": Told("which does not see what follows there")},
    "pair-disagree": {"lb2: ens3 IPv4 VRID 51": Told(_TAKEN)},
    "pair-one-side-only": {"lb2: eth0 IPv4 VRID 51": Told(_TAKEN)},
    "pair-other-vrid": {
        "lb2: eth0 IPv4 VRID 51": Told(_TAKEN, KEEPALIVED),
        "lb2: eth0 IPv4 VRID 52": Told(_TAKEN, SIDECAR),
    },
}
"""By case, then by host and virtual router. Each is seen, too: what no longer differs has to go from here."""


@pytest.mark.parametrize("files", sample(CASES, every=5))
def test_the_first_adverts_are_the_same(
    files: Sequence[Path], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    told = TOLD.get(request.node.callspec.id, {})
    silent = frozenset(router for router, why in told.items() if why.silent == KEEPALIVED)
    found = differences(list(hosts_of(files)), tmp_path, silent)
    assert {router: difference.silent for router, difference in found.items()} == {
        router: why.silent for router, why in told.items()
    }, "\n".join(f"{router}: {difference}" for router, difference in found.items())
    said = report(imported(files))
    assert not [why.words for why in told.values() if why.words not in said]


def test_every_difference_belongs_to_a_file() -> None:
    assert not set(TOLD) - {case.id for case in CASES}
