"""Temporary folders of running imports, cleaned up after a crash."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A temporary folder for one block. Abandoned ones with the same prefix are removed first.

    A killed import cannot clean up. The kernel releases its lock, and the next import notices.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with _claimed(parent):  # so that nobody removes a folder before it is locked
            _sweep(parent, prefix)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=parent)))
            stack.enter_context(_claimed(folder))
        yield folder


def sweep(parent: Path) -> None:
    """Remove the folders of killed imports; running ones keep theirs."""
    with _claimed(parent):
        _sweep(parent, "")


def _sweep(parent: Path, prefix: str) -> None:
    for folder in parent.glob(f"{prefix}*"):
        try:
            with _claimed(folder, wait=False):
                shutil.rmtree(folder)
        except (BlockingIOError, NotADirectoryError):
            continue


@contextmanager
def _claimed(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """:raises BlockingIOError: when another process holds it and we do not wait"""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
