"""A key of authenticated adverts (draft-cassen-vrrp-auth-hmac)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A shared key of 32 to 64 bytes and its id on the wire, 1 to 255."""

    id: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Load what signs now, and not with the first advert. Without a key OpenSSL, 4 MB, is not loaded."""
        import hmac  # noqa: F401, PLC0415
