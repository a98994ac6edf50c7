"""The configuration that keepalived gets, and how a reload changes both contenders' files."""

from ipaddress import ip_interface

import yaml

from bench.contest.contenders import Terms
from bench.contest.keepalived import INTERFACE, NONE, PROCESS, SCRIPT, configuration
from bench.contest.scenes.reload import with_one_more, without_it
from tests.netns.vrrp_daemon import Setup


def test_it_tracks_the_process_of_its_own_host_or_runs_the_script_or_neither() -> None:
    tracked = configuration("b", 240, Setup(), PROCESS)
    assert "process nginx-b\n" in tracked
    assert "track_process {" in tracked
    asked = configuration("b", 240, Setup(), SCRIPT)
    assert "interval 1\n" in asked
    assert "track_script {" in asked
    assert "track" not in configuration("b", 240, Setup(), NONE)


def test_its_braces_are_balanced_and_its_interface_is_none_of_a_machine() -> None:
    for judges in (PROCESS, SCRIPT, NONE):
        text = configuration("a", 250, Setup(interval=0.01), judges)
        assert text.count("{") == text.count("}")
        assert f"interface {INTERFACE}\n" in text
        assert "advert_int 0.01\n" in text
    assert len(INTERFACE) <= 15


def test_255_routers_have_255_ids_and_254_addresses_are_254() -> None:
    terms = Terms(routers=255)
    assert {router.vrid for router in terms.further} | {Setup().vrid} == set(range(1, 256))
    text = configuration("a", 250, terms.setup(), NONE, terms.further)
    assert text.count("vrrp_instance") == 255
    assert len({ip_interface(vip) for vip in Terms(vips=254).setup().vips("a")}) == 254


def test_a_reload_adds_one_address_to_either_file_and_takes_it_back() -> None:
    theirs = configuration("a", 250, Setup(), NONE)
    ours = yaml.safe_dump({"addresses": ["10.77.0.100/32"]})
    assert yaml.safe_load(with_one_more(ours)) == {"addresses": ["10.77.0.100/32", "10.77.0.101/32"]}
    assert "    10.77.0.100/32\n    10.77.0.101/32\n" in with_one_more(theirs)
    for text in (ours, theirs):
        assert without_it(with_one_more(text)) == text
