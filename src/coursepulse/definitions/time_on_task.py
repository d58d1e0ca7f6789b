"""Time on task: how much of the gap between two events of a session counts."""

from __future__ import annotations

#: Seconds that a gap counts at most while nothing plays.
CAP = 300.0

#: Seconds that a gap counts at most while a video plays that does not say where it is.
PLAYING_CAP = 1800.0
