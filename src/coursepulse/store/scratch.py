"""Folders for an import in progress, which do not outlive it for long."""

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
    """A folder for as long as the block lasts. Those of the same prefix that nobody owns any more are swept before.

    An import that is killed cannot clear away what it made. The kernel takes its lock, and the next import sees that.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with _claimed(parent):  # so that nobody sweeps a folder between its making and its claim
            _sweep(parent, prefix)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=parent)))
            stack.enter_context(_claimed(folder))
        yield folder


def sweep(parent: Path) -> None:
    """Clear away what imports left that were killed; those that are running keep theirs."""
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
    """:raises BlockingIOError: when somebody else holds it, and we do not wait"""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
