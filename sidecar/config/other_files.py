"""Files of other programs that are YAML, too: one sentence for all of their keys."""

from collections.abc import Container, Iterator
from typing import Final

from sidecar.config.mistake import Finding

_OURS: Final = "virtual_routers"
_MANIFEST: Final = "apiVersion"
_OF_MANIFEST: Final = (_MANIFEST, "kind", "metadata", "spec", "data")
_ITS_OWN: Final = "the configuration is a file of its own that begins with `virtual_routers:`, and"


def of_other_file(raw: dict[str, object]) -> Iterator[Finding]:
    """Report what tells a file of another program. Beside routers its keys are removed, too."""
    beside = _OURS in raw
    if "services" in raw:
        message = f"this is a compose file; {_ITS_OWN} compose mounts its folder at /etc/vip-sidecar"
        if beside:
            del raw["services"]
            message = "it belongs into a compose file, which is a file of its own; move it there"
        yield Finding(("services",), "compose-file", message, at_key=True)
    elif _MANIFEST in raw:
        message = f"this is a manifest of Kubernetes; {_ITS_OWN} a ConfigMap has its text below `data:`"
        if beside:
            for key in _OF_MANIFEST:
                raw.pop(key, None)
            message = "it belongs into a manifest of Kubernetes, which is a file of its own; move it there"
        yield Finding((_MANIFEST,), "kubernetes-manifest", message, at_key=True)


def is_other_file(keys: Container[str]) -> bool:
    """Whether a document with these keys is one of several that no configuration would be."""
    return _MANIFEST in keys and _OURS not in keys
