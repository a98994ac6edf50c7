"""The answer where there is none."""


class Unexplained(Exception):  # noqa: N818 - it is a state of affairs
    """There is no such router or supposition, or not enough is known now; the text says what to do."""
