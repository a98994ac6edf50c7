"""The errors of the codec."""


class Malformed(Exception):  # noqa: N818 - it describes the bytes
    """Bytes that are no value of the type. The text is the reason; the only thing that decoding raises."""


class Unencodable(ValueError):  # noqa: N818 - it describes the value
    """A value outside the bounds of its type: a mistake of the caller, found before anything is sent."""
