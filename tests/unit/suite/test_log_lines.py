from tests.log_lines import log_lines


def test_a_line_that_is_half_written_is_no_line_yet() -> None:
    whole = '{"event": "started"}\n{"event": "transition", "detail": {"a": 1}}\n'
    for end in range(len(whole)):
        assert len(log_lines(whole[:end])) == whole[:end].count("\n")
    assert [line["event"] for line in log_lines(whole)] == ["started", "transition"]


def test_what_is_said_before_the_log_begins_is_left_out() -> None:
    assert log_lines('cannot start: no such file\n{"event": "started"}\n') == [{"event": "started"}]
