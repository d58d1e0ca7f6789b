"""Files of other systems sent through the front door, as any other client would send them.

:func:`~coursepulse.importers.run.run_import` drives a :class:`~coursepulse.importers.source.Source`.
"""
