"""The page of one host, from what it may show now."""

from sidecar.telemetry.page.banner import starting
from sidecar.telemetry.page.build import LINKS, build
from sidecar.telemetry.page.model import Page
from sidecar.telemetry.page.past import Past, past_of
from sidecar.telemetry.status import render
from sidecar.telemetry.status_store import StatusStore


def host_page(status_store: StatusStore) -> tuple[Page, bool]:
    """Return the page, and whether anything is decided yet."""
    status_store.refresh()
    view = status_store.view()
    if view is None:
        return Page(starting("vip-sidecar", "starting: nothing decided yet"), links=LINKS), False
    store = status_store.events
    return build(render(view), Past() if store is None else past_of(store, view.wall)), True
