"""A plan with a value in every field, made from the types alone, and every plan that differs in one field."""

import dataclasses
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sidecar.core.health.params import CheckParams
from sidecar.core.params import NodeParams
from sidecar.plan.check import KINDS
from sidecar.plan.plan import Plan

SECRETS = ("s3cret", "t0ken", "pa55word")
_SCALARS: dict[type, Any] = {
    bool: True,
    int: 7,
    float: 2.5,
    str: "text",
    bytes: b"s3cret",
    IPv4Address: IPv4Address("10.0.0.9"),
    IPv6Address: IPv6Address("fe80::9"),
    IPv4Interface: IPv4Interface("10.0.0.5/24"),
    IPv6Interface: IPv6Interface("fe80::5/64"),
}
_VERBATIM: dict[tuple[str, str], Any] = {
    ("HttpUrl", "target"): "/path?t0ken=t0ken",
    ("PoolCheck", "http"): "/path?t0ken=t0ken",
    ("Header", "value"): "pa55word",
    ("ExecCheck", "argv"): ("/bin/check", "--password=pa55word"),
    ("HookCommand", "argv"): ("/bin/hook", "--password=pa55word"),
    ("RouterParams", "version"): 3,
    ("PoolParams", "token"): "127.0.0.1:9651",
    ("PoolParams", "sorry"): "127.0.0.1:9652",
}


def sample(annotation: Any) -> Any:
    """A value of a type; of a union the first member that is something."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return sample(next(each for each in arguments if each is not NoneType))
    if origin is tuple:
        item = arguments[0]
        kinds = get_args(item) if get_origin(item) is UnionType and len(get_args(item)) == len(KINDS) else ()
        return tuple(map(sample, kinds)) or (sample(item),)
    if not dataclasses.is_dataclass(annotation):
        return next(iter(annotation)) if issubclass(annotation, StrEnum) else _SCALARS[annotation]
    hints = get_type_hints(annotation)
    name = annotation.__name__  # type: ignore[union-attr]
    values = {
        field.name: _VERBATIM.get((name, field.name)) or sample(hints[field.name])
        for field in dataclasses.fields(annotation)
    }
    if "kind" in hints and "name" in values and annotation is not CheckParams:
        values["name"] = annotation.kind  # type: ignore[union-attr]
    return annotation(**values)  # type: ignore[operator]


def full_plan() -> Plan:
    """A plan in which every field has a value, with one check of each kind that the core knows, too."""
    plan: Plan = sample(Plan)
    params = tuple(
        dataclasses.replace(sample(CheckParams), name=each.name, kind=each.kind)
        for each in plan.observer.checks
    )
    node: NodeParams = dataclasses.replace(plan.node, checks=params)
    return dataclasses.replace(plan, node=node)


Where = tuple[type, str]
NEVER_EMPTY = {("RouterParams", "addresses"), ("HmacParams", "keys"), ("NodeParams", "checks")}
"""Tuples that are not empty in any plan, or not without another field that is told."""


def variants(value: Any, annotation: Any) -> Iterator[tuple[Where | None, Any]]:
    """Every value that differs in one field somewhere inside, with the innermost dataclass and field."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if value is not None and origin in (Union, UnionType) and NoneType in arguments:
        yield None, None
    if dataclasses.is_dataclass(value):
        hints = get_type_hints(type(value))
        for field in dataclasses.fields(value):
            for where, other in variants(getattr(value, field.name), hints[field.name]):
                if other == () and (type(value).__name__, field.name) in NEVER_EMPTY:
                    continue
                yield where or (type(value), field.name), dataclasses.replace(value, **{field.name: other})  # type: ignore[type-var]
    elif isinstance(value, tuple):
        yield None, ()
        for index, item in enumerate(value):
            for where, other in variants(item, type(item)):
                yield where, (*value[:index], other, *value[index + 1 :])
    else:
        yield None, _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, StrEnum):
        return next(each for each in type(value) if each is not value)
    if isinstance(value, bytes):
        return value + b"!"
    if isinstance(value, str):
        return f"{value}1"
    if isinstance(value, IPv4Interface | IPv6Interface):
        return type(value)((value.ip + 1, value.network.prefixlen))
    return value + 1
