"""The Internet checksum (RFC 1071)."""


def internet_checksum(data: bytes) -> int:
    """Return the one's complement of the one's complement sum of 16-bit words, 0 to 65535.

    An odd last byte counts as the high byte of a word. Over data that contains its own correct
    checksum the result is 0.
    """
    if len(data) % 2:
        data += b"\0"
    # 2**16 is congruent to 1 modulo 65535: the folded sum of the words is the whole number modulo 65535.
    total = int.from_bytes(data, "big")
    folded = total % 0xFFFF if total % 0xFFFF or not total else 0xFFFF
    return 0xFFFF - folded
