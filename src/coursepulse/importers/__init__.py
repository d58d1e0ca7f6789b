"""Files of other systems sent through the collector, as any other client would send them.

:func:`~coursepulse.importers.run.run_import` drives a :class:`~coursepulse.importers.source.RecordSource`.
"""
