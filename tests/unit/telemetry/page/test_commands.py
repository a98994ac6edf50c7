"""Commands of a page: those that the situation needs, and each to be copied whole."""

from typing import Any

from sidecar.telemetry.page.plain import plain
from tests.unit.telemetry.page.pages import DRAIN, page


def test_commands_are_those_of_the_situation() -> None:
    def texts(**changes: Any) -> list[str]:
        return [command.text for command in page(**changes).commands]

    assert texts()[0] == "vip-sidecar drain --for 30m"
    assert texts(drain=DRAIN)[0] == "vip-sidecar undrain"
    assert texts(check={"up": False})[0] == "tcpdump -ni eth0 -c 5 ip proto 112"


def test_a_command_is_shown_whole_on_a_line_of_its_own_as_text() -> None:
    mends = "`nft insert rule inet filter input ip saddr 10.77.0.12 meta l4proto 112 accept`"
    why = f"the packet filter of this host drops what 10.77.0.12 sends: {mends} lets it pass"
    shown = plain(page(router={"state": "FAULT", "reason": why}))
    assert mends in [line.strip() for line in shown.splitlines()]
    assert not any(line.count("`") % 2 for line in shown.splitlines())
