"""What a monitor raises."""


class Violation(AssertionError):  # noqa: N818  # it says what it is
    """A promise was broken. The first word of the message is the monitor's name."""

    def __init__(self, monitor: str, when: float, detail: str) -> None:
        super().__init__(f"{monitor} at {when:.3f}: {detail}")
        self.monitor = monitor
