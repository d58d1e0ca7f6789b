"""The name of this process among those that share its databases."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from coursepulse.kit.folders import usable


def process_name(data: Path) -> str:
    """The same after a restart, and unlike that of any other data directory: leases are given to it.

    :raises SettingError: when the directory cannot be written
    """
    path = data / "worker.id"
    with usable(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(secrets.token_hex(4))
        return f"{socket.gethostname()[:30]}-{path.read_text().strip()}"
