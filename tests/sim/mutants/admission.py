"""Planted bugs of received packets: accepted, and should be refused."""

from collections.abc import Callable
from typing import Any

import pytest

from sidecar.core.router import admission
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import Authenticator
from sidecar.core.wire import advert
from sidecar.core.wire.advert import Drop

Patch = pytest.MonkeyPatch


def a_bad_ttl_is_accepted(patch: Patch) -> None:
    whole = advert.decode
    patch.setattr(
        admission,
        "decode",
        lambda payload, source, to, ttl, least: whole(payload, source, to, ttl and 255, least),
    )
    patch.setattr("sidecar.core.wire.advert._checksum_holds", lambda *_: True)


def a_master_of_other_addresses_is_followed(patch: Patch) -> None:
    patch.setattr(Admission, "_wrong_addresses", lambda *_: None)


def whoever_is_no_peer_is_heard_too(patch: Patch) -> None:
    patch.setattr(Admission, "_wrong_sender", lambda *_: None)


def an_advert_without_signature_is_accepted(patch: Patch) -> None:
    whole = Authenticator.verify

    def verify(self: Authenticator, body: bytes, trailer: bytes, source: Any, now: float) -> Drop | None:
        return whole(self, body, trailer, source, now) if trailer else None

    patch.setattr(Authenticator, "verify", verify)


MUTANTS_OF_ADMISSION: tuple[Callable[[Patch], None], ...] = (
    a_bad_ttl_is_accepted,
    a_master_of_other_addresses_is_followed,
    whoever_is_no_peer_is_heard_too,
    an_advert_without_signature_is_accepted,
)
