"""Found by a Python that has this folder in its path: its clock is ahead by ``CLOCK_AHEAD`` seconds."""

from __future__ import annotations

import os
import time

_AHEAD = int(os.environ.get("CLOCK_AHEAD", "0"))
_seconds, _nanoseconds = time.time, time.time_ns

time.time = lambda: _seconds() + _AHEAD
time.time_ns = lambda: _nanoseconds() + _AHEAD * 1_000_000_000
