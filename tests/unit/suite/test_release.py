"""What `make image` and `make release` write: the same bytes twice, loadable, listed, summed and signed."""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from release import archive, bill, layer, sums

COMMITTED = 1_790_000_000
BUILT = COMMITTED + 86_400
STATUS = """\
Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.5.1-1+deb13u2

Package: libssl3t64
Status: install ok installed
Architecture: amd64
Source: openssl (3.5.1-1)
Version: 3.5.1-1+deb13u2
Description: a library
 with lines that go on

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""
METADATA = """\
Metadata-Version: 2.4
Name: typing_extensions
Version: 4.16.0
License-Expression: PSF-2.0

# Version: of the text below the head, and not of the package
"""


def exported(files: Mapping[str, str], mtime: int) -> io.BytesIO:
    """What `docker export` writes: folders end with a slash, and come in any order."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as made:
        for name, text in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.mtime, info.uname = mtime, f"builder{mtime}"
            if name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                made.addfile(info)
            else:
                info.size = len(text.encode())
                made.addfile(info, io.BytesIO(text.encode()))
    raw.seek(0)
    return raw


FILES = {
    "opt/": "",
    "opt/program": "program",
    "etc/": "",
    "etc/passwd": "root",
    "run/": "",
    "run/vip-sidecar/": "",
    "tmp/": "",
}
BY_CHANCE = {
    ".dockerenv": "",
    "dev/console": "",
    "etc/hostname": "4f0c",
    "etc/passwd-": "before",
    "run/lock/": "",
    "tmp/left": "over",
    "var/log/apt/history.log": "Start-Date",
    "var/cache/ldconfig/aux-cache": "inode",
}
IMAGE = archive.Image(
    "amd64",
    {
        "Env": ["PATH=/opt"],
        "Entrypoint": ["vip-sidecar"],
        "Cmd": ["run"],
        "User": "",
        "Labels": {
            "org.opencontainers.image.title": "vip-sidecar",
            "com.docker.compose.project": "somewhere",
        },
    },
)


def flat(folder: Path, files: Mapping[str, str], mtime: int, name: str = "layer.tar") -> layer.Layer:
    return layer.write(layer.entries(exported(files, mtime)), COMMITTED, folder / name)


def made(folder: Path, found: layer.Layer) -> tuple[str, dict[str, bytes]]:
    """Write an archive. Return the digest and the files in it."""
    file = folder / "image.tar"
    digest = archive.write(IMAGE, found, "vip-sidecar:1.2.3", COMMITTED, file)
    with tarfile.open(file) as opened:
        files = {info.name: opened.extractfile(info) for info in opened}
        return digest, {name: content.read() for name, content in files.items() if content}


def test_another_build_at_another_time_in_another_order_is_the_same_layer(tmp_path: Path) -> None:
    first = flat(tmp_path, FILES | BY_CHANCE, BUILT, "first")
    turned = dict(reversed((FILES | BY_CHANCE).items()))
    assert flat(tmp_path, turned, BUILT + 1000, "second").digest == first.digest
    with tarfile.open(first.file) as opened:
        assert opened.getnames() == sorted(name.rstrip("/") for name in FILES)
        assert {(info.mtime, info.uname) for info in opened} == {(COMMITTED, "")}


@pytest.mark.parametrize("name", ["opt/program", "etc/passwd"])
def test_a_changed_file_is_another_layer(tmp_path: Path, name: str) -> None:
    first = flat(tmp_path, FILES, BUILT, "first")
    assert flat(tmp_path, FILES | {name: "changed"}, BUILT, "second").digest != first.digest


def test_sources_keep_the_time_by_which_their_bytecode_is_checked(tmp_path: Path) -> None:
    found = flat(tmp_path, {"usr/lib/python3.13/os.py": "", "opt/own.py": ""}, BUILT)
    with tarfile.open(found.file) as opened:
        assert {info.name: info.mtime for info in opened} == {
            "usr/lib/python3.13/os.py": BUILT,
            "opt/own.py": COMMITTED,
        }


def test_every_pointer_of_the_archive_leads_to_what_it_says(tmp_path: Path) -> None:
    found = flat(tmp_path, FILES, BUILT)
    digest, files = made(tmp_path, found)
    for name, content in files.items():
        if name.startswith("blobs/sha256/"):
            assert name.removeprefix("blobs/sha256/") == hashlib.sha256(content).hexdigest()

    def at(pointer: Mapping[str, Any]) -> bytes:
        content = files[f"blobs/{pointer['digest'].replace(':', '/')}"]
        assert len(content) == pointer["size"]
        return content

    (one,) = json.loads(files["index.json"])["manifests"]
    assert one["digest"] == digest
    manifest = json.loads(at(one))
    config = json.loads(at(manifest["config"]))
    assert at(manifest["layers"][0]) == found.file.read_bytes()
    assert config["rootfs"]["diff_ids"] == [found.digest]
    assert (config["architecture"], config["created"]) == ("amd64", "2026-09-21T14:13:20Z")
    (docker,) = json.loads(files["manifest.json"])
    assert json.loads(files[docker["Config"]]) == config
    assert docker["RepoTags"] == ["vip-sidecar:1.2.3"]


def test_the_image_keeps_what_runs_it_and_its_own_labels(tmp_path: Path) -> None:
    _, files = made(tmp_path, flat(tmp_path, FILES, BUILT))
    (docker,) = json.loads(files["manifest.json"])
    config = json.loads(files[docker["Config"]])["config"]
    assert config["Entrypoint"] == ["vip-sidecar"]
    assert config["Labels"] == {"org.opencontainers.image.title": "vip-sidecar"}


def test_the_bill_has_what_is_installed_of_debian_and_of_python() -> None:
    records = {bill.STATUS: STATUS, "opt/lib/typing_extensions-4.16.0.dist-info/METADATA": METADATA}
    assert all(map(bill.is_record, records))
    assert not bill.is_record("opt/lib/typing_extensions.py")
    found = bill.components((path, text.encode()) for path, text in records.items())
    assert [each.url for each in found] == [
        "pkg:deb/debian/libssl3t64@3.5.1-1%2Bdeb13u2?arch=amd64&upstream=openssl",
        "pkg:deb/debian/openssl@3.5.1-1%2Bdeb13u2?arch=amd64",
        "pkg:pypi/typing-extensions@4.16.0",
    ]
    document = bill.document("vip-sidecar", "1.2.3", "sha256:00", COMMITTED, found)
    assert document == bill.document("vip-sidecar", "1.2.3", "sha256:00", COMMITTED, found)
    assert document["components"][2]["licenses"] == [{"license": {"name": "PSF-2.0"}}]
    assert len({each["bom-ref"] for each in document["components"]}) == len(found)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.pem"
    argv = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(file)]
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return file


def verified(folder: Path, key: Path) -> int:
    """The commands of docs/release.md."""
    public = folder / "key.pub"
    script = f"""
    openssl pkey -in {key} -pubout -out {public} &&
    base64 -d {sums.SIGNATURE} > signature &&
    openssl dgst -sha256 -verify {public} -signature signature {sums.SUMS} && sha256sum --check {sums.SUMS}
    """
    done = subprocess.run(["sh", "-c", script], cwd=folder, check=False, capture_output=True, timeout=60)
    return done.returncode


def test_a_signed_folder_is_verified_and_a_changed_one_is_not(tmp_path: Path, key: Path) -> None:
    file = tmp_path / "image.tar.gz"
    file.write_bytes(b"image")
    total = sums.write(tmp_path, [file])
    sums.sign(total, key)
    assert verified(tmp_path, key) == 0
    file.write_bytes(b"imagE")
    assert verified(tmp_path, key) != 0
    sums.write(tmp_path, [file])
    assert verified(tmp_path, key) != 0


def test_a_key_that_is_none_is_refused_with_the_words_of_openssl(tmp_path: Path) -> None:
    total = sums.write(tmp_path, [])
    with pytest.raises(sums.SigningError, match="key"):
        sums.sign(total, total)
