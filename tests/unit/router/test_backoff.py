from sidecar.router.backoff import LONG_LIFE, LONGEST, SHORTEST, Backoff


def test_pauses_double_up_to_a_bound_and_a_long_life_begins_anew() -> None:
    backoff = Backoff()
    assert [backoff.after(0.5) for _ in range(4)] == [SHORTEST, 0.2, 0.4, 0.8]
    assert [backoff.after(LONG_LIFE - 0.1) for _ in range(6)][-2:] == [LONGEST, LONGEST]
    assert backoff.after(LONG_LIFE) == SHORTEST
    assert backoff.after(0.0) == 2 * SHORTEST
