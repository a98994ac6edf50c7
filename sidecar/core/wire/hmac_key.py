"""A key of authenticated adverts (draft-cassen-vrrp-auth-hmac)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A shared key of 32 to 64 bytes and its id on the wire, 1 to 255."""

    id: int
    secret: bytes = field(repr=False)
