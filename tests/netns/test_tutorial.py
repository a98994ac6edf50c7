"""docs/tutorial.md, typed command by command into two hosts with Debian's nginx, and a client."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.netns.lab import wait_until
from tests.walk.network import Network
from tests.walk.page import ROOT, headings, steps
from tests.walk.units import Units
from tests.walk.walker import Walker, logs

pytestmark = [pytest.mark.netns, pytest.mark.timeout(240)]

PAGE = "docs/tutorial.md"
HOSTS = {"lb1": "172.25.44.3/24", "lb2": "172.25.44.4/24"}
NGINX = ["nginx", "-g", "daemon off;"]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    tmp_path.chmod(0o755)
    with ExitStack() as stack:
        made = Network(stack, {**HOSTS, "client": "172.25.44.10/24"}, "172.25.44.100", tmp_path)
        for name in HOSTS:
            machine = made.machines[name]
            for folder in ("examples", "packaging"):
                (machine.folder / folder).symlink_to(ROOT / folder)
            # A page that somebody has put there on this machine is not nginx's default page.
            machine.run("rm", "-f", "/var/www/html/index.html", "/etc/nginx/conf.d/site.conf")
            Units(machine, {"nginx": NGINX})
        try:
            yield made
        finally:
            print(logs(tmp_path))


def test_each_command_prints_what_the_page_shows(network: Network) -> None:
    walker = Walker(network.machines, {"both": tuple(HOSTS)})
    found = headings(PAGE)
    assert len(found) == 5, found
    for heading in found:
        walker.walk(steps(PAGE, heading))
    wait_until(lambda: network.holders() == ["lb2"], 5, "after the last section lb2 has the VIP alone")


def test_the_configuration_that_the_page_shows_is_the_one_that_was_typed() -> None:
    shown = (ROOT / PAGE).read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert yaml.safe_load(shown) == yaml.safe_load((ROOT / "examples" / "tutorial.yaml").read_text())
