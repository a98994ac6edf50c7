"""Counts are sent as totals, each when it has changed."""

from sidecar.channel.down import TOTALS, CounterTotal, HistogramTotal
from sidecar.channel.tables import BUCKETS, LATENESS
from sidecar.router.tallies import Tallies


def test_only_what_changed_is_told_and_as_a_total() -> None:
    tallies = Tallies()
    assert list(tallies.untold()) == []
    tallies.count("vrrp_adverts_sent_total", "web")
    tallies.count("vrrp_adverts_sent_total", "web", amount=2)
    (told,) = tallies.untold()
    assert told.counters == (CounterTotal("vrrp_adverts_sent_total", ("web",), 3),)
    assert list(tallies.untold()) == []
    tallies.count("vrrp_adverts_sent_total", "db")
    tallies.count("vrrp_adverts_sent_total", "web")
    (told,) = tallies.untold()
    assert {(each.labels, each.value) for each in told.counters} == {(("db",), 1), (("web",), 4)}


def test_an_observation_falls_into_the_bucket_whose_bound_it_does_not_exceed() -> None:
    tallies = Tallies()
    for seconds in (0.0, LATENESS[0], LATENESS[1], 99.0):
        tallies.observe("timer_lateness_seconds", "advert", seconds=seconds)
    (told,) = tallies.untold()
    buckets = (2, 1, *(0,) * (len(LATENESS) - 2), 1)
    total = HistogramTotal("timer_lateness_seconds", ("advert",), buckets, LATENESS[0] + LATENESS[1] + 99.0)
    assert told.histograms == (total,)
    assert all(tuple(sorted(bounds)) == bounds for bounds in BUCKETS.values())


def test_a_new_observer_is_told_everything_and_many_numbers_are_several_messages() -> None:
    tallies = Tallies()
    for number in range(TOTALS.number + 5):
        tallies.count("errors_total", "a", str(number))
    tallies.observe("takeover_duration_seconds", "web", "total", seconds=0.1)
    assert [len(told.counters) + len(told.histograms) for told in tallies.untold()] == [TOTALS.number, 6]
    assert list(tallies.untold()) == []
    tallies.tell_all()
    again = list(tallies.untold())
    assert sum(len(told.counters) for told in again) == TOTALS.number + 5
    assert sum(len(told.histograms) for told in again) == 1
