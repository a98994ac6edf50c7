"""Common to all parsers of values: the error that carries the code of a mistake and how to mend it."""

from pydantic_core import PydanticCustomError


def wrong(code: str, message: str) -> PydanticCustomError:
    """The error of a value; `code` becomes the code of the mistake."""
    # braces are pydantic's template syntax; the message is a value of the template for that reason
    return PydanticCustomError(code, "{message}", {"message": message})
