"""docs/operations.md, typed command by command into the hosts that docs/hosts.md has set up."""

from pathlib import Path

import pytest

from tests.netns.lab import wait_until
from tests.walk.page import headings, steps
from tests.walk.two_hosts import BOTH, two_hosts
from tests.walk.walker import Walker

pytestmark = [pytest.mark.netns, pytest.mark.timeout(240)]

PAGE = "docs/operations.md"
NOT_TYPED = {"What happened"}


def test_each_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    with two_hosts(tmp_path) as network:
        walker = Walker(network.machines, BOTH)
        for heading in ("First", "Start"):
            walker.walk(steps("docs/hosts.md", heading))
        found = [heading for heading in headings(PAGE) if heading not in NOT_TYPED]
        assert len(found) == 4, found
        for heading in found:
            walker.walk(steps(PAGE, heading))
        wait_until(lambda: network.holders() == ["lb1"], 10, "lb1 alone has the VIP")
