"""keepalived 2.3.3 under a file and the sidecar under what it becomes send the same bytes."""

from pathlib import Path

import pytest

from tests.interop.same_bytes import beside_each_other

pytestmark = [pytest.mark.interop, pytest.mark.alone]
"""So many daemons and networks at once hold the kernel's lock so long that leases beside them end late."""

CONF = Path(__file__).parents[1] / "unit" / "migrate" / "conf"
FILES = (
    "address-owner",
    "authentication-broken",
    "brace-on-the-next-line",
    "dual-stack",
    "fraction-in-version-2",
    "ipv6-unicast",
    "macros-of-several-lines",
    "minimal",
    "mixed-families",
    "no-priority",
    "password-in-version-3",
    "password-too-long",
    "password-with-signs",
    "strict",
    "two-addresses-in-a-line",
    "unicast",
    "unicast-ttl",
    "unicast-without-peers",
    "version-3",
)
"""Files without scripts, on the interface that the hosts here have."""


def test_the_first_advert_is_the_same(tmp_path: Path) -> None:
    """All files side by side: each host takes over after three intervals, alone on its wire."""
    files = {name: (CONF / f"{name}.conf").read_text(encoding="utf-8") for name in FILES}
    with beside_each_other(files, tmp_path) as heard:
        different = {
            name: [each.hex() for each in pair] for name, pair in heard.items() if pair[0] != pair[1]
        }
        assert not different
