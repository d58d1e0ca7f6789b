"""Polars reads how many threads it gets when it is imported, whichever room imports it first."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["aggregates.rollups", "aggregates.profiles", "metrics.run", "metrics.metric"]
)
def test_frames_are_computed_by_one_thread(module: str) -> None:
    code = f"import coursepulse.{module}, polars; print(polars.thread_pool_size())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})
    assert told.stdout.strip() == "1"
