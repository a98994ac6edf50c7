"""Asks nginx which generation it serves."""

import asyncio
from dataclasses import dataclass
from typing import Final

_ANSWER: Final = 4096
PATIENCE: Final = 0.5
"""Seconds for one question."""


@dataclass(frozen=True, slots=True)
class GenerationClient:
    """Where the server in the file of one pool listens, and by which host name it is asked for."""

    address: str
    port: int
    host: str

    async def ask(self) -> str | None:
        """Return what is said there, None if nobody answers. Each question has a connection of its own."""
        writer = None
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(self.address, self.port, limit=_ANSWER)
                writer.write(f"GET / HTTP/1.0\r\nHost: {self.host}\r\n\r\n".encode())
                answer = await reader.read(_ANSWER)
                while len(answer) < _ANSWER and (more := await reader.read(_ANSWER)):
                    answer += more
        except (OSError, TimeoutError):
            return None
        finally:
            if writer is not None:
                writer.transport.abort()
        return answer.partition(b"\r\n\r\n")[2].decode(errors="replace").strip()
