"""The trial of an advertisement against a real kernel: who sees it, and what a firewall says to it."""

import socket
import subprocess
from contextlib import closing

import pytest

from sidecar.core.actions import SendAdvert, TrySending
from sidecar.core.address import Address
from sidecar.core.events import AdvertSent, PacketReceived, SendFailed, SendTried
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from tests.kernel.desk import NEVER, Desk
from tests.kernel.listening import BOTH, FAR, FOREIGN, OWN, ROUTERS, SOON, listening
from tests.kernel.own_namespace import inside

pytestmark = [pytest.mark.netns, pytest.mark.alone]

ALL = "meta l4proto 112 drop"


def payload(to: Address, priority: int = 0) -> bytes:
    source = OWN[to.version]
    said = Advert(51, priority, 100, (ROUTERS[to.version].addresses[0].ip,))
    return encode(said, source, to, pseudo_header=True)


def tried(d: Desk, to: Address) -> str | None:
    """Why the trial of an advertisement failed."""
    answer = d.network.perform(TrySending("web", "v0", OWN[to.version], to, payload(to)))
    assert isinstance(answer, SendTried)
    return answer.error


def sent(d: Desk, *destinations: Address, confirm: bool = False) -> SendFailed | AdvertSent | None:
    """The answer to an advertisement to these destinations."""
    source = OWN[destinations[0].version]
    packets = tuple((to, payload(to, 250)) for to in destinations)
    answer = d.network.perform(SendAdvert("web", "v0", source, packets, 250, NEVER, confirm))
    assert answer is None or isinstance(answer, SendFailed | AdvertSent)
    return answer


def firewall(hook: str, rule: str = ALL) -> None:
    family, device = ("netdev", "device v0 ") if hook == "egress" else ("inet", "")
    chain = f"type filter hook {hook} {device}priority 0;"
    rules = f"table {family} f {{\nchain out {{\n{chain}\n{rule}\n}}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, capture_output=True)


def no_firewall() -> None:
    subprocess.run(["nft", "delete", "table", "inet", "f"], check=True)


def arrived(family: int, tap: socket.socket) -> int:
    """How many VRRP packets have crossed the link."""
    count = 0
    while True:
        try:
            frame = tap.recv(9000)
        except BlockingIOError:
            return count
        count += frame[{4: 23, 6: 20}[family]] == 112


@BOTH
def test_a_trial_leaves_no_host_is_heard_by_nobody_and_changes_no_advert_after_it(family: int) -> None:
    def work() -> None:
        with listening() as (d, _), closing(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)) as tap:
            tap.setblocking(False)
            tap.bind(("v1", {4: 0x0800, 6: 0x86DD}[family]))
            for _ in range(3):
                assert tried(d, GROUPS[family]) is None
            d.rest(SOON)
            d.said += d.hear()
            assert not [event for event in d.said if isinstance(event, PacketReceived)]
            assert arrived(family, tap) == 0
            assert sent(d, GROUPS[family]) is None
            d.rest(SOON)
            d.said += d.hear()
            assert not [event for event in d.said if isinstance(event, PacketReceived)]
            assert arrived(family, tap) == 1

    inside(work)


@BOTH
def test_a_rule_on_output_refuses_trials_and_adverts_alike_and_the_answer_says_what_mends_it(
    family: int,
) -> None:
    def work() -> None:
        with listening() as (d, _):
            firewall("output")
            failed, trial = sent(d, GROUPS[family]), tried(d, GROUPS[family])
            assert isinstance(failed, SendFailed)
            assert failed.unheard
            assert trial == failed.error
            assert "Operation not permitted" in failed.error
            assert "ip protocol 112 accept" in failed.error
            no_firewall()
            assert tried(d, GROUPS[family]) is None
            assert sent(d, GROUPS[family], confirm=True) == AdvertSent("web")

    inside(work)


def test_what_is_known_of_drops_behind_the_output_hook_is_what_the_documents_say() -> None:
    def work() -> None:
        with listening() as (d, _):
            firewall("postrouting")
            for family, trial_sees_it in ((4, False), (6, True)):
                assert isinstance(sent(d, GROUPS[family]), SendFailed)
                assert (tried(d, GROUPS[family]) is not None) is trial_sees_it
            no_firewall()
            firewall("egress")
            assert sent(d, GROUPS[4]) is None, "the kernel tells nobody"
            failed = sent(d, GROUPS[6])
            assert isinstance(failed, SendFailed)
            assert "No buffer space available" in failed.error
            assert tried(d, GROUPS[6]) is None

    inside(work)


def test_one_destination_of_two_is_not_all() -> None:
    def work() -> None:
        with listening() as (d, _):
            firewall("output", f"ip daddr {FOREIGN[4]} ip protocol 112 drop")
            failed = sent(d, FAR[4], FOREIGN[4])
            assert isinstance(failed, SendFailed)
            assert not failed.unheard
            assert failed.heard
            assert str(FOREIGN[4]) in failed.error
            assert str(FAR[4]) not in failed.error
            assert sent(d, FAR[4], FOREIGN[4], confirm=True) == failed
            assert tried(d, FOREIGN[4]) is not None
            assert tried(d, FAR[4]) is None

    inside(work)
