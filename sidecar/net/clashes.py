"""Routers that are in each other's way on one interface, which the file may have chosen in two ways."""

from collections.abc import Iterable

from sidecar.core.params import RouterParams
from sidecar.net.kernel.view import KernelView


def clashes(routers: Iterable[RouterParams], view: KernelView) -> dict[str, str]:
    """Return what is wrong with routers that have the VRID of another one on the same interface.

    In the file they may have chosen it in two ways, by name and by what it carries.
    """
    first: dict[tuple[str, int, int], str] = {}
    wrong: dict[str, str] = {}
    for router in routers:
        link = view.link(router.interface)
        if link is None:
            continue
        other = first.setdefault((link.name, router.family, router.vrid), router.name)
        if other != router.name:
            why = f"router {other} has VRID {router.vrid} on {link.name}, too; choose another VRID"
            wrong[router.name] = why
    return wrong
