"""Whatever happens to the bytes of a file, what is whole is found, and nothing else."""

import pytest

from sidecar.telemetry.events.framing import LONGEST, Found, found, framed

RECORDS = (b'{"id": 1, "detail": "nginx died"}', b"{}", b"00000000 of no meaning", b'{"id": 4}')
DATA = b"".join(map(framed, RECORDS))


def lost(data: bytes) -> int:
    """How many records are missing. What is found was written, in that order."""
    records = found(data).records
    remaining = iter(RECORDS)
    assert all(any(each == record for each in remaining) for record in records), records
    return len(RECORDS) - len(records)


def test_what_was_written_is_found() -> None:
    assert found(DATA) == Found(RECORDS)
    assert found(b"") == Found()


@pytest.mark.parametrize("to", [0x00, 0x0A, 0x20, 0x30, 0x66, 0xFF])
def test_one_garbled_byte_costs_one_record_at_most(to: int) -> None:
    for at in range(len(DATA)):
        garbled = bytearray(DATA)
        garbled[at] = to
        assert lost(bytes(garbled)) <= 1, at


def test_a_torn_record_is_the_only_one_that_is_lost_when_others_follow() -> None:
    last = framed(RECORDS[-1])
    for at in range(len(last)):
        begun = DATA[: len(DATA) - len(last) + at]
        assert found(begun).records == RECORDS[: len(RECORDS) - (at < len(last) - 1)]
        assert found(begun + b"\n" + framed(b"next")).records[-1] == b"next"


def test_a_hole_of_zeros_costs_what_is_in_it() -> None:
    first = framed(RECORDS[0])
    assert found(first + bytes(500)) == Found(RECORDS[:1], 1)
    assert found(first + bytes(500) + b"\n" + framed(b"next")) == Found((RECORDS[0], b"next"), 1)


def test_garbage_is_no_record() -> None:
    for garbage in (
        b"\n\n\n",
        b"0",
        b"ffff ffffffff ",
        b"-001 00000000 x\n",
        b"0_01 00000000 x\n",
        bytes(14),
    ):
        assert found(garbage).records == ()
    assert found(b"\n\n").damaged == 0


@pytest.mark.parametrize("record", [b"two\nlines", b"x" * (LONGEST + 1)])
def test_what_could_not_be_found_again_is_refused(record: bytes) -> None:
    with pytest.raises(ValueError, match="no record"):
        framed(record)
