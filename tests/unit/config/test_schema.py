"""The JSON Schema that editors get: every good file fits it, and what it can know of a wrong one does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.config.schema import schema
from tests.unit.config.good_files import EVERY_GOOD_FILE

TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
}  # fmt: skip
ROUTER = "virtual_routers: {{web: {{interface: eth0, vrid: 51, priority: 250, addresses: [10.0.0.100]{}}}}}\n"


def is_of(value: object, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults(value: Any, rule: dict[str, Any], path: str = "") -> list[str]:
    """What is wrong with a value by the keywords that the schema uses (JSON Schema draft 7)."""
    if "anyOf" in rule:
        tried = [faults(value, each, path) for each in rule["anyOf"]]
        return [] if [] in tried else min(tried, key=len)
    found = [f"{path}: not one of {rule['enum']}"] if "enum" in rule and value not in rule["enum"] else []
    names = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", [])
    if names and not any(is_of(value, name) for name in names):
        return [f"{path}: not of {names}"]
    if isinstance(value, str) and "pattern" in rule and not re.search(rule["pattern"], value):
        found.append(f"{path}: {value!r} is not like {rule['pattern']}")
    if isinstance(value, int) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        found.append(f"{path}: {value} out of range")
    if isinstance(value, list) and "items" in rule:
        found += [fault for item in value for fault in faults(item, rule["items"], f"{path}[]")]
    if isinstance(value, dict):
        found += members(value, rule, path)
    return found


def members(value: dict[str, Any], rule: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}: no {name}" for name in rule.get("required", ()) if name not in value]
    for name, item in value.items():
        if any(re.search(pattern, name) for pattern in rule.get("patternProperties", ())):
            continue
        if not re.search(rule.get("propertyNames", {}).get("pattern", ""), name):
            found.append(f"{path}: {name} is no name")
        inner = rule.get("properties", {}).get(name, rule.get("additionalProperties", {}))
        found += [f"{path}.{name}: unknown"] if inner is False else faults(item, inner, f"{path}.{name}")
    return found


@EVERY_GOOD_FILE
def test_every_good_file_fits(file: Path) -> None:
    assert faults(yaml.safe_load(file.read_text()), schema()) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ROUTER.format(", virtual_ipaddress: [10.0.0.1]"), "virtual_ipaddress: unknown"),
        (ROUTER.format(", advert_interval: 1"), "not of"),
        (ROUTER.format(", advert_interval: 1 s"), "is not like"),
        (ROUTER.format(", version: 4"), "not one of [2, 3]"),
        (ROUTER.format(", preempt: yes please"), "not of ['boolean']"),
        (ROUTER.replace("51", "300").format(""), "300 out of range"),
        (ROUTER.replace("vrid: 51, ", "").format(""), "no vrid"),
        (ROUTER.replace("web", "'a b'").format(""), "a b is no name"),
        ("checks: {}", "no virtual_routers"),
        (ROUTER.format("") + "checks: {a: {tcp: 'h:1', every: 1s, bogus: 1}}", "unknown"),
        (ROUTER.format("") + "checks: {a: {every: 1s}}", "checks.a"),
        (ROUTER.format("") + "pools: {a: {upstream: a}}", "no servers"),
        (ROUTER.format("") + "log: {level: loud}", "not one of"),
    ],
)
def test_what_it_can_know_of_a_wrong_file(text: str, fault: str) -> None:
    assert any(fault in each for each in faults(yaml.safe_load(text), schema())), text


def test_a_variable_may_stand_where_a_number_stands() -> None:
    text = ROUTER.format(", preempt: '${P}', version: '${V}'").replace("250", "'${PRIORITY:-250}'")
    assert faults(yaml.safe_load(text), schema()) == []


def test_each_key_has_its_help() -> None:
    router = schema()["properties"]["virtual_routers"]["additionalProperties"]
    assert all(each["description"] for each in router["properties"].values())
    assert json.loads(json.dumps(schema())) == schema()
