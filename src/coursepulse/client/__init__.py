"""Sending events from Python: batches, retries, and a spool for when the server is away.

>>> from coursepulse.client import Client
>>> with Client("http://127.0.0.1:8000", "key", spool=Path("spool")) as client:  # doctest: +SKIP
...     client.send({"event_id": "e-1", "event_type": "lesson_start", ...})
"""

from coursepulse.client.client import Client
from coursepulse.client.receipts import Receipts, Rejection
from coursepulse.client.transport import Transport

__all__ = ["Client", "Receipts", "Rejection", "Transport"]
