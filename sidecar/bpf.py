"""Classic BPF: a small assembler with labels, and the way of a program into a socket.

The machine (bpf(4)): an accumulator A, an index X, memory M[0] to M[15], loads from the packet, jumps
forward only. A load beyond the end of the packet ends the program and drops the packet.

A program is written as lines: instructions, and strings, which are labels. A conditional jump becomes
two instructions, because its own distance has 8 bits only.
"""

import ctypes
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

NETWORK_HEADER: Final = -0x100000
"""Base of offsets that count from the IP header, whatever a program's packet begins with (SKF_NET_OFF)."""
MOST: Final = 4096
"""Instructions of the longest program that the kernel takes (BPF_MAXINSNS)."""

_SO_ATTACH_FILTER: Final = 26
_INSTRUCTION: Final = struct.Struct("=HBBI")
_FPROG: Final = struct.Struct("@HP")
_LOAD, _LOAD_X, _STORE, _ALU, _JUMP, _RETURN, _TAX, _TXA = 0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x87
_WORD, _HALF, _BYTE = 0x00, 0x08, 0x10
_IMMEDIATE, _ABSOLUTE, _INDIRECT, _MEMORY, _LENGTH, _HEADER_LENGTH = 0x00, 0x20, 0x40, 0x60, 0x80, 0xA0
_ADD, _SUBTRACT, _MULTIPLY, _MODULO = 0x00, 0x10, 0x20, 0x90
_EQUAL, _AT_LEAST = 0x10, 0x30
_BY_X: Final = 0x08
_WHOLE: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a program. A jump goes `to` a label if its condition is as `wanted`, else on."""

    code: int
    k: int = 0
    to: str | None = None
    wanted: bool = True

    @property
    def conditional(self) -> bool:
        """Whether it is a jump that may not be taken."""
        return self.to is not None and self.code != _JUMP


Line = Instruction | str

ACCEPT: Final = Instruction(_RETURN, _WHOLE)
DROP: Final = Instruction(_RETURN, 0)
LENGTH: Final = Instruction(_LOAD | _WORD | _LENGTH)
"""A = bytes of the packet."""
A_TO_X: Final = Instruction(_TAX)
X_TO_A: Final = Instruction(_TXA)
ADD_X: Final = Instruction(_ALU | _ADD | _BY_X)
SUBTRACT_X: Final = Instruction(_ALU | _SUBTRACT | _BY_X)
IP_HEADER_LENGTH_TO_X: Final = Instruction(_LOAD_X | _BYTE | _HEADER_LENGTH)
"""X = bytes of the IPv4 header that the packet begins with."""
NETLINK_ATTRIBUTE: Final = Instruction(_LOAD | _WORD | _ABSOLUTE, -0x1000 + 12)
"""A = the offset of the netlink attribute of kind X behind offset A, 0 if there is none (SKF_AD_NLATTR)."""


def byte(offset: int) -> Instruction:
    """A = the byte at this offset."""
    return Instruction(_LOAD | _BYTE | _ABSOLUTE, offset)


def half(offset: int) -> Instruction:
    """A = the 16 bits at this offset."""
    return Instruction(_LOAD | _HALF | _ABSOLUTE, offset)


def word(offset: int) -> Instruction:
    """A = the 32 bits at this offset."""
    return Instruction(_LOAD | _WORD | _ABSOLUTE, offset)


def byte_after_x(offset: int) -> Instruction:
    """A = the byte at this offset behind X."""
    return Instruction(_LOAD | _BYTE | _INDIRECT, offset)


def half_after_x(offset: int) -> Instruction:
    """A = the 16 bits at this offset behind X."""
    return Instruction(_LOAD | _HALF | _INDIRECT, offset)


def word_after_x(offset: int) -> Instruction:
    """A = the 32 bits at this offset behind X."""
    return Instruction(_LOAD | _WORD | _INDIRECT, offset)


def number(value: int) -> Instruction:
    """A = a constant."""
    return Instruction(_LOAD | _IMMEDIATE, value)


def number_to_x(value: int) -> Instruction:
    """X = a constant."""
    return Instruction(_LOAD_X | _IMMEDIATE, value)


def store(cell: int) -> Instruction:
    """Copy A to a memory cell, 0 to 15."""
    return Instruction(_STORE, cell)


def recall(cell: int) -> Instruction:
    """A = a memory cell."""
    return Instruction(_LOAD | _MEMORY, cell)


def add(value: int) -> Instruction:
    """A += a constant."""
    return Instruction(_ALU | _ADD, value)


def subtract(value: int) -> Instruction:
    """A -= a constant."""
    return Instruction(_ALU | _SUBTRACT, value)


def multiply(value: int) -> Instruction:
    """A *= a constant."""
    return Instruction(_ALU | _MULTIPLY, value)


def modulo(value: int) -> Instruction:
    """A %= a constant that is not 0."""
    return Instruction(_ALU | _MODULO, value)


def jump(to: str) -> Instruction:
    """Go to a label."""
    return Instruction(_JUMP, to=to)


def if_equal(value: int, to: str) -> Instruction:
    """Go to a label if A is this constant."""
    return Instruction(_JUMP | _EQUAL, value, to)


def if_equals_x(to: str) -> Instruction:
    """Go to a label if A is X."""
    return Instruction(_JUMP | _EQUAL | _BY_X, 0, to)


def unless_equal(value: int, to: str) -> Instruction:
    """Go to a label if A is not this constant."""
    return Instruction(_JUMP | _EQUAL, value, to, wanted=False)


def unless_at_least(value: int, to: str) -> Instruction:
    """Go to a label if A is less than this constant."""
    return Instruction(_JUMP | _AT_LEAST, value, to, wanted=False)


def unless_words(offset: int, expected: bytes, to: str) -> Iterator[Instruction]:
    """Go to a label unless these bytes, four or a multiple of it, are at this offset."""
    for at in range(0, len(expected), 4):
        yield word(offset + at)
        yield unless_equal(int.from_bytes(expected[at : at + 4], "big"), to)


def assemble(lines: Iterable[Line]) -> bytes:
    """Return the program as the kernel wants it. Raises KeyError for a label that is not there."""
    code: list[Instruction] = []
    labels: dict[str, int] = {}
    for line in lines:
        if isinstance(line, str):
            labels[line] = len(code)
            continue
        code.append(line)
        if line.conditional:
            code.append(Instruction(_JUMP, to=line.to))
    return b"".join(_encode(each, at, labels) for at, each in enumerate(code))


def size(program: bytes) -> int:
    """Return the number of instructions."""
    return len(program) // _INSTRUCTION.size


def attach(to: socket.socket, program: bytes) -> None:
    """Let the socket hear only what the program accepts. Replaces the program it has, at once.

    Raises OSError (EINVAL: longer than MOST; ENOMEM: larger than net.core.optmem_max).
    """
    code = ctypes.create_string_buffer(program, len(program))
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, _FPROG.pack(size(program), ctypes.addressof(code)))


def _encode(instruction: Instruction, at: int, labels: dict[str, int]) -> bytes:
    if instruction.conditional:
        over, on = (0, 1) if instruction.wanted else (1, 0)
        return _INSTRUCTION.pack(instruction.code, over, on, instruction.k)
    k = instruction.k if instruction.to is None else labels[instruction.to] - at - 1
    return _INSTRUCTION.pack(instruction.code, 0, 0, k & _WHOLE)


DROP_ALL: Final = assemble([DROP])
