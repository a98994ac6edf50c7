"""Common to all parsers of values: the error that carries the code of a mistake and how to mend it."""

from pydantic_core import PydanticCustomError

from sidecar.config.concealed import is_concealed


def legible(value: object) -> str:
    """The text that a message may take apart to say what was meant; "" for a possible secret, and no text."""
    return value if isinstance(value, str) and not is_concealed(value) else ""


def wrong(code: str, message: str, *, of_field: bool = False) -> PydanticCustomError:
    """The error of a value; `code` becomes the code of the mistake.

    `of_field`: the message ends where the field alone knows how to go on, by its range or its choices.
    """
    # braces are pydantic's template syntax; the message is a value of the template for that reason
    return PydanticCustomError(code, "{message}", {"message": message, "of_field": of_field})
