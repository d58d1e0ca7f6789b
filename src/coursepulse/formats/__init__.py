"""Events of other systems as events of ours: xAPI, Open edX tracking logs, Caliper, Moodle, OULAD. No I/O.

A format converts one record of another system into an :class:`~coursepulse.events.event.Envelope`
(or several), into :class:`~coursepulse.formats.outcome.Skipped` when the record is valid but holds nothing
that we keep, or into :class:`~coursepulse.formats.outcome.Refused` when it is broken.
"""
