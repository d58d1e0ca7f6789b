"""Events of other systems as events of ours: xAPI, Open edX tracking logs, Caliper, Moodle, OULAD. No I/O.

A format takes one record of a foreign system and answers with an :class:`~coursepulse.events.event.Envelope`
(or several), with :class:`~coursepulse.formats.outcome.Skipped` when the record is sound but says nothing
that we keep, or with :class:`~coursepulse.formats.outcome.Refused` when it is broken.
"""
