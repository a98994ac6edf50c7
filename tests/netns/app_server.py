"""A small application server: every page names it. `app_server.py ADDRESS PORT NAME MODE_FILE`.

The mode is read anew for every request: `ok`; `error` answers 503; `slow` sends a byte every 200 ms;
`busy` answers after 300 ms; `reset` resets the connection; `site` answers 400 unless Host is shop.example.
Without the file: ok. The page /broken answers 503 in every mode.
"""

import asyncio
import socket
import struct
import sys
from pathlib import Path


def status_of(head: bytes, mode: str) -> str:
    """Return the status of the answer to a request."""
    if mode == "error" or head.startswith(b"GET /broken "):
        return "503 Service Unavailable"
    if mode == "site" and b"\r\nHost: shop.example\r\n" not in head:
        return "400 Bad Request"
    return "200 OK"


async def answer(writer: asyncio.StreamWriter, name: str, mode: str, status: str) -> None:
    """Send one answer."""
    body = f"{name}\n"
    page = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
    if mode == "busy":
        await asyncio.sleep(0.3)
    if mode != "slow":
        writer.write(page)
        return
    for byte in page:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.2)


def current(mode_file: Path) -> str:
    """Return how to answer."""
    return mode_file.read_text(encoding="ascii") if mode_file.exists() else "ok"


async def main(address: str, port: int, name: str, mode_file: Path) -> None:
    """Serve for ever."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            mode = current(mode_file)
            if mode == "reset":
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
                return
            await answer(writer, name, mode, status_of(head, mode))
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, address, port, backlog=1024)
    print("serving", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
