"""Messages over a stream socket, each with its length in front: four bytes, big-endian."""

from __future__ import annotations

import asyncio
import socket
from struct import Struct

_LENGTH = Struct(">I")


def pack_message(message: bytes) -> bytes:
    """The bytes of one message."""
    return _LENGTH.pack(len(message)) + message


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The next message, or None when the other side has hung up."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def receive_message(line: socket.socket) -> bytes | None:
    """The next message, or None when the other side has hung up.

    :raises TimeoutError: as the socket's timeout says
    """
    head = _receive(line, _LENGTH.size)
    return None if head is None else _receive(line, *_LENGTH.unpack(head))


def _receive(line: socket.socket, length: int) -> bytes | None:
    parts = []
    while length:
        part = line.recv(length)
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
