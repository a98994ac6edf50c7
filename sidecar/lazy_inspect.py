"""The module `inspect`, loaded when somebody uses it: dataclasses and asyncio import it, and hardly ever do.

With what it loads itself, a parser and a disassembler, it takes 1.3 MB of each process.
"""

import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import Any, Final

_NAME: Final = "inspect"
_KNOWN: Final = sys.version_info < (3, 14)
"""Whether the annotations of a class are in it. `dataclasses` asks for them for each class (Python 3.13)."""


class _Inspect(ModuleType):
    """Stands for it until an attribute of it is wanted."""

    def __init__(self) -> None:
        super().__init__(_NAME)
        self._loading = threading.Lock()
        if _KNOWN:
            self.get_annotations = self._annotations

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _annotations(self, obj: Any, **options: Any) -> Any:
        """Return those that a class has itself."""
        if options or not isinstance(obj, type):
            return self._real().get_annotations(obj, **options)
        found = vars(obj).get("__annotations__")
        return dict(found) if isinstance(found, dict) else {}

    def _real(self) -> ModuleType:
        with self._loading:
            if sys.modules.get(_NAME) is self:
                del sys.modules[_NAME]
            return import_module(_NAME)


def install() -> None:
    """Have it so from now on, unless the real one is loaded already."""
    if _NAME not in sys.modules:
        sys.modules[_NAME] = _Inspect()


def waits(name: str) -> bool:
    """Whether this is the name of it, and nobody has used it."""
    return isinstance(sys.modules.get(name), _Inspect)
