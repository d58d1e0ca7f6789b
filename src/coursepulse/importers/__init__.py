"""Files of other systems, sent through the collector like events of any other client.

:func:`~coursepulse.importers.run.run_import` drives a :class:`~coursepulse.importers.source.RecordSource`.
"""
