"""The signature of an advert (draft-cassen-vrrp-auth-hmac), verified without any code of ours."""

import hmac

from tests.interop.wires import Advert

SIZE = 28
_SIGNED = 12
"""Bytes of the trailer under the signature: scheme, key id, reserved, sequence."""


def without_signature(advert: Advert, key_id: int, key: str) -> bytes:
    """Return the message before the trailer. AssertionError if the trailer is not that of this key."""
    message, trailer = advert.data[:-SIZE], advert.data[-SIZE:]
    family = 4 if len(advert.source) == 4 else 6
    assert trailer[:4] == bytes([1, key_id, 0, 0]), f"scheme and key: {trailer.hex()}"
    pseudo_header = bytes([family, message[0] >> 4, message[1], 0]) + advert.source.ljust(16, b"\0")
    unsummed = message[:6] + bytes(2) + message[8:]
    text = pseudo_header + unsummed + trailer[:_SIGNED] + bytes(16)
    assert trailer[_SIGNED:] == hmac.digest(_key(key), text, "sha256")[:16], f"signature: {trailer.hex()}"
    return message


def _key(text: str) -> bytes:
    """Return the bytes of a key: hexadecimal after `hex:`, or the characters."""
    return bytes.fromhex(text.removeprefix("hex:")) if text.startswith("hex:") else text.encode("ascii")
