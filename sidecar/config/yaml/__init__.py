"""From the bytes of the file to plain values with positions. No key has a meaning here."""
