"""Moodle: rows of its log and of other tables. No I/O.

https://moodledev.io/docs/apis/subsystems/logging describes the log, and each plugin's ``db/install.xml`` its tables.
"""

from coursepulse.formats.moodle.log import from_log
from coursepulse.formats.moodle.note import note
from coursepulse.formats.moodle.site import Site
from coursepulse.formats.moodle.tables import from_table

__all__ = ["Site", "from_log", "from_table", "note"]
