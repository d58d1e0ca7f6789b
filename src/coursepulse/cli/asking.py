"""Asking the API of a running server for the commands that manage it."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import msgspec

from coursepulse.client import Transport
from coursepulse.client.local_server import Server

_JSON = {"Content-Type": "application/json"}


def ask_json(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the server answers.

    :raises RequestError: in the server's own words when it refuses
    """
    transport = Transport(server.url, server.key, patience=10.0)
    try:
        content = b"" if body is None else msgspec.json.encode(body)
        return msgspec.json.decode(transport.ask(method, path, content, _JSON))
    finally:
        transport.close()


def print_json(value: Any) -> None:
    """One line of JSON for programs."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def show_time(text: str | None) -> str:
    """A moment to the minute, in UTC."""
    return "never" if text is None else f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
