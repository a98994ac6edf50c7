"""The documentation of keys, as it stands in the source, and that no start pays for it."""

import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, Field

from sidecar.config.check.kinds import KINDS
from sidecar.config.meaning import meaning
from sidecar.config.model import Config
from sidecar.config.strict_model import keys

ROOT = Path(__file__).parents[3]
FILE = """\
virtual_routers: {web: {interface: eth0, vrid: 51, priority: 250, addresses: [10.77.0.100]}}
checks: {http: {http: "http://127.0.0.1:8088/"}}
"""


class Plain(BaseModel):
    first: int = Field(default=1, alias="one")
    """The first one,
    in two lines."""
    bare: int = 2
    later: int = 3
    """The later one."""

    def method(self) -> None:
        """Nobody's meaning."""


class Heir(Plain):
    bare: int = 4
    """What the base does not say."""
    later: int = 5


def test_it_is_the_string_under_the_field_of_the_class_that_declares_it() -> None:
    assert meaning(Plain, "one") == "The first one,\nin two lines."
    assert meaning(Plain, "bare") == ""
    assert meaning(Heir, "one") == meaning(Plain, "one")
    assert meaning(Heir, "bare") == "What the base does not say."
    assert meaning(Heir, "later") == ""
    assert meaning(Plain, "nothing") == ""


def test_every_key_has_one() -> None:
    models: tuple[type[BaseModel], ...] = (Config, *KINDS.values())
    assert not [(model.__name__, key) for model in models for key in keys(model) if not meaning(model, key)]


def test_only_models_that_are_used_are_built_and_no_source_is_read_for_them() -> None:
    """Of a right file with one http check, in a process of its own: others here have used them all."""
    code = (
        "import linecache\n"
        "from sidecar.config.check.kinds import KINDS\n"
        "from sidecar.config.load import parse\n"
        f"parse({FILE!r}, 'file', {{}}, 'a')\n"
        "built = [kind for kind, model in KINDS.items() if model.__pydantic_complete__]\n"
        "print(*built, len(linecache.cache))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert ran.stdout.split() == ["http", "0"]
