"""What the receipt of an erasure says of the warehouse, before and after the export that keeps the promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from coursepulse.jobs.planned import WAREHOUSE_EXPORT
from coursepulse.kit.clock import to_micros
from coursepulse.kit.settings import Settings
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.warehouse.erasure import STORE, WarehouseErasure, kept
from coursepulse.wiring.components import Components
from coursepulse.wiring.warehouse import erasures_outside

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
WHO = DataSubject(student=b"s" * 16, replacement=b"r" * 16, salt="salt")


def promise() -> Erased:
    erasure = WarehouseErasure(WAREHOUSE_EXPORT.plan.after, lambda: to_micros(NOW))
    (line,) = erasure.erase(WHO, ErasureMode.DELETE)
    return line


def test_the_receipt_says_for_when_the_export_is_planned() -> None:
    assert promise().store == STORE
    assert promise().note.endswith("planned for 2026-03-10 01:30 UTC")


def test_an_export_keeps_the_promises_made_before_it_began(pool: Pool) -> None:
    store = RequestStore(pool)

    def note() -> str:
        found = store.find(request)
        assert found
        assert found.receipt[0] == Erased("event log", 3, "planned for later")
        return found.receipt[1].note

    request = uuid4()
    store.add(request, "erasure", ErasureMode.DELETE, WHO, "key:test", to_micros(NOW))
    store.finish(request, [Erased("event log", 3, "planned for later"), promise()], to_micros(NOW))
    store.keep_promise(STORE, kept(NOW), NOW)
    assert note() == promise().note
    began = NOW + timedelta(hours=1)
    store.keep_promise(STORE, kept(began), began)
    assert note() == "rows are gone from all files since the export of 2026-03-09 13:00 UTC"
    # A later export says nothing new of it.
    store.keep_promise(STORE, kept(began + timedelta(days=1)), began + timedelta(days=1))
    assert note() == "rows are gone from all files since the export of 2026-03-09 13:00 UTC"


def test_without_a_warehouse_receipts_say_nothing_of_it() -> None:
    assert erasures_outside(Components(Settings())) == []
    assert len(erasures_outside(Components(Settings(warehouse="file:///lake")))) == 1
