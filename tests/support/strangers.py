"""The command line as a user who does not own a directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: The account ``nobody``; it may pass through folders, because this Python may live in root's home.
_NOBODY = (
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)


def run_as_stranger(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The output of ``coursepulse`` for a user who may read ``data`` but not write to it."""
    prefix = _NOBODY if os.geteuid() == 0 else ()
    command = [*prefix, sys.executable, "-m", "coursepulse", *arguments]
    environ = os.environ | {"COURSEPULSE_DATA": str(data), "COURSEPULSE_PORT": "0"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environ)
