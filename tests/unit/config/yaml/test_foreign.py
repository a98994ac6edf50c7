"""Texts that are no configuration of ours are known by reading them once, however they are made."""

import pytest

from sidecar.config.mistake import ConfigError
from sidecar.config.yaml.foreign import refuse_foreign, refuse_lookalikes, refuse_other

MANY = 50_000
HOSTILE = {
    "blank lines": "\n" * MANY + "x",
    "lines of a space": " \n" * MANY + "x",
    "comments": "# \n" * MANY + "x",
    "comments of INI": "; \n\n" * MANY + "x",
    "a block of nginx without a brace": "location" + " " * MANY + "x",
    "a variable without a sign": "A" * MANY,
    "exports": "export " * MANY,
    "a section without an end": "[a " + " " * MANY,
    "a key and blank lines": "a" + "\n" * MANY + "b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(text: str) -> None:
    """One that may be read in many ways would not end within the time of a test."""
    for refuse in (refuse_foreign, refuse_lookalikes, refuse_other):
        refuse(text, "f")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\r\n# of the team\r\nupstream app {\r\n", "nginx"),
        ("http {\n", "nginx"),
        ("  location ~ \\.php$ {\n", "nginx"),
        ("\n; of the team\n[web]\n", "[sections]"),
        ("\n# of the team\n\nexport PRIORITY=250\n", "variables"),
        ("frontend  web\n", "HAProxy"),
    ],
)
def test_a_file_of_another_program_is_named_behind_comments_and_blank_lines(text: str, what: str) -> None:
    with pytest.raises(ConfigError) as raised:
        refuse_other(text, "f")
    assert what in str(raised.value.mistakes[0])
