"""Output on whatever the verb was started with: any terminal, any locale, or none at all."""

import os
import sys


def speak_anywhere() -> None:
    r"""Let no character end the process: what the locale cannot show is shown as an escape (`\u0445`)."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started with a closed descriptor
            stream = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
            setattr(sys, name, stream)
        stream.reconfigure(errors="backslashreplace")
