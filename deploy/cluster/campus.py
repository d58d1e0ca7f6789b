"""The simulated campus: its history once, then students who go on clicking, also after a restart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from coursepulse.cli.demo import introduce
from coursepulse.client.local_server import Server, local_key

_CAMPUS = ("--students", "200", "--courses", "8", "--days", "14")


def main(sent: Path) -> int:
    """Send the past if the note is not there, and go on until stopped."""
    introduce(Server(os.environ["CLUSTER_WEB"], local_key(sent.parent / "web-1")))
    simulate = [sys.executable, "-m", "coursepulse", "simulate", "--url", os.environ["CLUSTER_URL"], *_CAMPUS]
    if not sent.exists():
        done = subprocess.run(simulate, check=False)
        if done.returncode:
            return done.returncode
        sent.touch()
    os.execv(simulate[0], [*simulate, "--no-history", "--rate", "5"])
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
