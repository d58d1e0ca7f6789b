"""Open edX tracking logs: browser, server and mobile lines, old and new names of events.

https://docs.openedx.org/en/latest/developers/references/internal_data_formats/tracking_logs/index.html
"""

from coursepulse.formats.openedx.mapping import from_line

__all__ = ["from_line"]
