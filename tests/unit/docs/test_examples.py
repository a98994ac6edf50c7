"""Every example of a configuration in the pages is accepted, with what it leaves out added."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from sidecar.config.load import parse
from tests.unit.docs.pages import ROOT, pages, text_of

ENVIRON = {"PRIORITY": "250", "SOURCE": "192.0.2.11"}
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Each example that is configuration of ours: its page with a number, and its text."""
    found = []
    for page in pages():
        for number, text in enumerate(_BLOCK.findall(text_of(page)), 1):
            if "services:" not in text:
                found.append((f"{page}:{number}", dedent(text)))
    return found


def completed(given: dict[str, Any]) -> dict[str, Any]:
    """A whole file around an excerpt. A part of a router or of a pool is put where it belongs."""
    router = {"interface": "eth0", "vrid": 51, "priority": 250, "addresses": ["192.0.2.100/24"]}
    pool = {
        "upstream": "app",
        "servers": ["10.0.0.21:8080"],
        "check": {"http": "/"},
        "file": "/etc/nginx/pools/app.conf",
        "reload": {"pid_file": "/run/nginx.pid"},
    }
    if given.keys() & {"auth"}:
        given = {"virtual_routers": {"web": given}}
    if given.keys() & {"check"}:
        given = {"pools": {"app": given}}
    routers = {name: router | added for name, added in given.get("virtual_routers", {"web": {}}).items()}
    pools = {name: pool | added for name, added in given.get("pools", {}).items()}
    return {"docker": {}} | given | {"virtual_routers": routers} | ({"pools": pools} if pools else {})


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in blocks()])
def test_an_example_is_accepted(text: str, tmp_path: Path) -> None:
    key = tmp_path / "vrrp.key"
    key.write_bytes(b"1" * 32)
    key.chmod(0o600)
    text = text.replace("/etc/vip-sidecar/vrrp.key", str(key))
    text = re.sub(r"/etc/vip-sidecar/[a-z-]+\.(sh|py)", "/bin/true", text)
    text = re.sub(r"^(\s+)ca: .*$", r"\1sni: www.example.org", text, flags=re.MULTILINE)
    whole = yaml.safe_dump(completed(yaml.safe_load(text)), sort_keys=False)
    parse(whole, "example.yaml", ENVIRON, "host-a")


def test_the_lines_for_another_compose_file_are_those_of_ours() -> None:
    fragments = [text for text in _BLOCK.findall(text_of(Path("docs/nginx.md"))) if "services:" in text]
    (fragment,) = (yaml.safe_load(text)["services"]["sidecar"] for text in fragments)
    ours = yaml.safe_load((ROOT / "docker-compose.host.yml").read_text(encoding="utf-8"))["services"][
        "sidecar"
    ]
    same = fragment.keys() - {"image", "volumes"}
    assert {key: fragment[key] for key in same} == {key: ours[key] for key in same}
    assert set(fragment["volumes"]) <= set(ours["volumes"])
    assert ours.keys() - fragment.keys() <= {"build", "logging"}
