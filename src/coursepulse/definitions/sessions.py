"""Where a run of events of one student and session_id ends."""

from __future__ import annotations

from coursepulse.kit.clock import HOUR, MINUTE, Micros

#: A longer silence ends a session.
IDLE: Micros = 30 * MINUTE

#: A session is cut when it has lasted this long.
LONGEST: Micros = 24 * HOUR
