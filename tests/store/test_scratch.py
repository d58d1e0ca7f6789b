"""What an import puts aside goes with it, also when it is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from coursepulse.store.scratch import scratch_folder

KILLED = """
import os, pathlib, signal, sys
from coursepulse.store.scratch import scratch_folder
with scratch_folder(pathlib.Path(sys.argv[1]), "oulad-") as folder:
    (folder / "2013-10-01").write_text("a fact")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_import_sweeps_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    for state in ("oulad-0123.json", "xapi-0123.json"):
        (tmp_path / state).write_text("7")
    with scratch_folder(tmp_path, "oulad-") as living:
        (living / "2013-10-02").write_text("a fact")
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
        assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2
        with scratch_folder(tmp_path, "oulad-") as mine:
            assert {path for path in tmp_path.iterdir() if path.is_dir()} == {living, mine}
            assert (living / "2013-10-02").read_text() == "a fact"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["oulad-0123.json", "xapi-0123.json"]
