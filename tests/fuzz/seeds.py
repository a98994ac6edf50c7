"""Makes the seeds of the fuzzer from the golden packets: `python -m tests.fuzz.seeds`."""

import json
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from sidecar.core.wire.advert import Advert, message
from tests.fuzz.packets import ROUTERS, Record, opening

_HERE = Path(__file__).parent
CORPUS = _HERE / "corpus"
_GOLDEN = _HERE.parent / "golden"
_SEALED, _SIGNED, _IPV6, _UNICAST = 1, 4, 8, 16


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every seed."""
    for file in sorted(_GOLDEN.glob("*.json")):
        for number, golden in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            flags = _IPV6 if ip_address(golden["source"]).version == 6 else 0
            payload = bytes.fromhex(golden["hex"])
            packets = Record(payload, flags).pack() + Record(payload, flags | _SEALED).pack()
            yield f"{file.stem}-{number}", b"\0" + packets
    for router in ROUTERS:
        flags = _SEALED | (_IPV6 if router.family == 6 else 0)
        flags |= _UNICAST if router.unicast is not None else 0
        flags |= _SIGNED if router.hmac is not None else 0
        addresses = tuple(vip.ip for vip in router.addresses)
        said = [
            message(Advert(router.vrid, p, router.interval_cs, addresses, router.version, router.password))
            for p in (200, 0, 50)
        ]
        for serving in (False, True):
            story = b"".join(
                Record(body, flags, source=number % 2, later=10).pack() for number, body in enumerate(said)
            )
            name = f"{router.name.replace(' ', '-')}-{'serving' if serving else 'waiting'}"
            yield name, opening(router, serving=serving) + story


def main() -> None:
    """Write them all."""
    CORPUS.mkdir(exist_ok=True)
    for name, content in seeds():
        (CORPUS / name).write_bytes(content)


if __name__ == "__main__":
    main()
