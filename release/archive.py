"""An image as a file that `docker load`, skopeo and podman read: OCI layout and Docker's list in one."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from release.layer import Layer

_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
_KEPT: Final = ("Env", "Entrypoint", "Cmd", "StopSignal", "Healthcheck", "WorkingDir", "User", "ExposedPorts")
_LABEL: Final = "org.opencontainers.image."


@dataclass(frozen=True, slots=True)
class Image:
    """What an engine says of an image that it has built: `docker image inspect`."""

    architecture: str
    config: Mapping[str, Any]

    @property
    def labels(self) -> dict[str, str]:
        """Labels of ours. Those that a tool adds, such as compose, say where it was built."""
        return {k: v for k, v in (self.config.get("Labels") or {}).items() if k.startswith(_LABEL)}


def when(epoch: int) -> str:
    """Return the time as RFC 3339 has it, in UTC."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(image: Image, layer: Layer, name: str, epoch: int, file: Path) -> str:
    """Write the archive of one image of one layer, named `name:tag`. Return the digest of its manifest."""
    config = _json(_described(image, layer, epoch))
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _pointer(_CONFIG, config),
            "layers": [{"mediaType": _LAYER, "digest": layer.digest, "size": layer.size}],
        }
    )
    there = _pointer(_MANIFEST, manifest)
    annotations = {"io.containerd.image.name": name, f"{_LABEL}ref.name": name.rpartition(":")[2]}
    index = {"schemaVersion": 2, "manifests": [{**there, "annotations": annotations}]}
    listed = [
        {"Config": _blob(_digest(config)), "RepoTags": [name], "Layers": [_blob(layer.digest)]},
    ]
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}), epoch)
        _add(archive, "index.json", _json(index), epoch)
        _add(archive, "manifest.json", _json(listed), epoch)
        _add(archive, _blob(_digest(config)), config, epoch)
        _add(archive, _blob(_digest(manifest)), manifest, epoch)
        info = tarfile.TarInfo(_blob(layer.digest))
        info.size, info.mtime = layer.size, epoch
        with layer.file.open("rb") as content:
            archive.addfile(info, content)
    return str(there["digest"])


def _described(image: Image, layer: Layer, epoch: int) -> dict[str, Any]:
    config = {key: image.config[key] for key in _KEPT if image.config.get(key)}
    return {
        "created": when(epoch),
        "architecture": image.architecture,
        "os": "linux",
        "config": {**config, "Labels": image.labels},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
        "history": [{"created": when(epoch), "created_by": "python -m release image"}],
    }


def _json(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _pointer(kind: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(data), "size": len(data)}


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _add(archive: tarfile.TarFile, name: str, data: bytes, epoch: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), epoch
    archive.addfile(info, io.BytesIO(data))
