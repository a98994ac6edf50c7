"""The bill of materials of an image (SBOM, CycloneDX 1.5), from its own records of packages."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any, Final
from urllib.parse import quote

from release.archive import when

STATUS: Final = "var/lib/dpkg/status"
_RECORD: Final = ".dist-info/METADATA"


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """A package. `source`: deb or pypi; `origin`: its source package, if named otherwise."""

    source: str
    name: str
    version: str
    license: str = ""
    architecture: str = ""
    origin: str = ""

    @property
    def url(self) -> str:
        """Return its package URL, by which vulnerabilities are looked up."""
        version = quote(self.version, safe="")
        if self.source == "pypi":
            return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{version}"
        origin = f"&upstream={quote(self.origin, safe='')}" if self.origin else ""
        return f"pkg:deb/debian/{quote(self.name, safe='')}@{version}?arch={self.architecture}{origin}"


def debian(status: str) -> Iterator[Component]:
    """Yield the installed packages of dpkg's status file."""
    for paragraph in status.split("\n\n"):
        fields = HeaderParser().parsestr(paragraph.strip() + "\n\n")
        if fields.get("Status", "").endswith(" installed"):
            yield Component(
                "deb",
                fields["Package"],
                fields["Version"],
                architecture=fields.get("Architecture", ""),
                origin=fields.get("Source", "").partition(" ")[0],
            )


def python(metadata: str) -> Component:
    """Return the package that a METADATA file describes."""
    fields = HeaderParser().parsestr(metadata)
    said = fields.get("License-Expression") or fields.get("License") or ""
    return Component("pypi", fields["Name"], fields["Version"], license=said.partition("\n")[0][:100])


def components(files: Iterable[tuple[str, bytes]]) -> list[Component]:
    """Return the packages of an image, sorted. `files`: its paths and their contents."""
    found: set[Component] = set()
    for path, content in files:
        if path == STATUS:
            found |= set(debian(content.decode()))
        elif path.endswith(_RECORD):
            found.add(python(content.decode()))
    return sorted(found)


def is_record(path: str) -> bool:
    """Whether a file of an image says which packages are in it."""
    return path == STATUS or path.endswith(_RECORD)


def document(image: str, version: str, digest: str, epoch: int, found: Iterable[Component]) -> dict[str, Any]:
    """Return the bill. The same image has the same bill, so its number comes from the digest."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": when(epoch),
            "component": {
                "type": "container",
                "bom-ref": digest,
                "name": image,
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}],
            },
        },
        "components": [_component(each) for each in found],
    }


def _component(each: Component) -> dict[str, Any]:
    licenses = {"licenses": [{"license": {"name": each.license}}]} if each.license else {}
    return {
        "type": "library",
        "bom-ref": each.url,
        "name": each.name,
        "version": each.version,
        "purl": each.url,
        **licenses,
    }
