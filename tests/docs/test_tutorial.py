"""The first tutorial, followed to the letter: every block is typed into one shell, and every answer comes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, Block, blocks
from tests.support.browsing import sign_in

PAGE = DOCS / "tutorial/first-dashboard.md"
STEPS = blocks(PAGE)


class Reader:
    """Somebody at a shell, in the folder of the repository, with an empty home and a port of their own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("COURSEPULSE")}
        self.shell = subprocess.Popen(
            ["/bin/bash"],
            cwd=ROOT,
            env=clean | {"HOME": str(home), "COURSEPULSE_PORT": str(self.port), "COLUMNS": "120"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, block: Block) -> str:
        """What the shell says to a block, which must succeed."""
        assert self.shell.stdin
        assert self.shell.stdout
        text = block.text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        self.shell.stdin.write(f"{text}\necho; echo ended $?\n")
        self.shell.stdin.flush()
        said: list[str] = []
        for line in self.shell.stdout:
            if line.startswith("ended "):
                assert line == "ended 0\n", "".join(said)
                break
            said.append(line)
        if "/v1/consents" in text or "/v1/events" in text:
            time.sleep(1.5)  # nobody types faster, and both take up to a second to be known
        return "".join(said)

    def leave(self) -> None:
        """Close the shell and the server in it, if that is still there."""
        self.shell.communicate("kill $(jobs -p)\nwait\n", timeout=60)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    one = Reader(tmp_path_factory.mktemp("home"))
    try:
        yield one
    finally:
        one.leave()


@pytest.mark.slow
def test_every_block_works_and_says_what_the_page_says(reader: Reader) -> None:
    said: list[str] = []
    for step in STEPS[:-1]:
        if step.language == "sh":
            said.append(reader.type(step))
        else:
            assert step.text.strip() in said[-1]
    assert "lessons_completed │ 1 " in "".join(said)
    assert "completion_pct    │ 33.3" in "".join(said)
    browser = sign_in(f"http://127.0.0.1:{reader.port}", "sam", "numbers-are-fun")
    page = " ".join(re.sub(r"<[^>]+>", " ", browser.get("/").raise_for_status().text).split())
    browser.close()
    assert "Algebra I" in page
    assert "1 of 3 lessons" in page
    assert "33 % complete" in page
    reader.type(STEPS[-1])
