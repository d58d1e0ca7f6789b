"""Writing down what was done, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.access.viewer import Viewer
from coursepulse.audit.entry import Entry

if TYPE_CHECKING:
    from coursepulse.web.services import Services


def note(services: Services, viewer: Viewer, tag: str, subject: str = "", detail: str = "") -> None:
    """Write an audit entry. Waits for the store: not for the loop.

    :raises StoreUnavailable: it is not written; what it was to record must not happen
    """
    services.trail.write(
        Entry(
            at=services.clock(),
            actor=viewer.subject,
            role=viewer.role.value,
            tag=tag,
            subject=subject,
            purpose=viewer.purpose,
            request_id=viewer.request_id,
            address=viewer.address,
            detail=detail,
        )
    )
