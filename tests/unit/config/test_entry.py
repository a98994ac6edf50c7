"""The right items of a list, whether or not others in it are wrong."""

from sidecar.config.pool.pool import Pool
from sidecar.config.shape import examine


def servers(*raw: object) -> list[tuple[int, str]]:
    given: dict[str, object] = {
        "upstream": "app",
        "servers": list(raw),
        "file": "/a.conf",
        "reload": {"pid_file": "/a.pid"},
    }
    entry, _ = examine(Pool, given, ("pools", "app"), broken=frozenset())
    return [
        (place, f"{server.address.host}:{server.address.port}") for place, server in entry.items("servers")
    ]


def test_a_wrong_item_hides_none_beside_it_and_moves_none() -> None:
    whole = servers("10.0.0.1:80", "10.0.0.2:80", {"address": "10.0.0.3:80"})
    assert whole == [(0, "10.0.0.1:80"), (1, "10.0.0.2:80"), (2, "10.0.0.3:80")]
    for place in range(3):
        raw: list[object] = ["10.0.0.1:80", "10.0.0.2:80", {"address": "10.0.0.3:80"}]
        raw[place] = "nothing"
        assert servers(*raw) == [each for each in whole if each[0] != place]
    assert servers("nothing", {"address": "10.0.0.3:80", "weight": 0}) == []


def test_a_list_that_is_wrong_as_a_whole_has_no_items() -> None:
    assert servers() == []
    assert servers(*(f"10.0.0.1:{port}" for port in range(1, 300))) == []
