"""A renewal looks nothing up of which nothing has changed, and is never wrong for that."""

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.core.events import VipsObserved
from sidecar.net.kernel.picture import Holds
from tests.kernel.desk import HOLD, VIP, desk
from tests.kernel.own_namespace import inside, ip

pytestmark = pytest.mark.netns


def test_where_vips_are_is_looked_up_again_only_after_a_change() -> None:
    def work() -> None:
        with desk() as d:
            d.hold(replace(HOLD, lease=30))
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            view, looked = d.network._view, list[str]()
            holds = view.holds

            def counted(interface: str, vips: object) -> Holds:
                looked.append(interface)
                return holds(interface, vips)  # type: ignore[arg-type]

            view.holds = counted  # type: ignore[method-assign]
            assert d.hold(replace(HOLD, lease=40)).error is None
            looked.clear()
            for _ in range(3):
                assert d.hold(replace(HOLD, lease=40)).error is None
            assert looked == []
            ip("address del 10.77.0.100/32 dev v0")
            d.until(VipsObserved, lambda seen: not seen.owned)
            assert d.hold(replace(HOLD, lease=40)).error is None
            assert d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            assert looked
            equal = (ip_interface(str(VIP)),)
            looked.clear()
            assert d.hold(replace(HOLD, vips=equal, lease=40)).error is None
            assert looked

    inside(work)
