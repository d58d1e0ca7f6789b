"""Who may search the audit trail: auditors, who see nothing else, administrators, and keys made for it."""

from __future__ import annotations

from coursepulse.access.viewer import Role, Viewer

#: The scope of a key that may search the trail.
AUDIT = "audit"


def may_search(viewer: Viewer) -> bool:
    """Whether ``viewer`` may search, export and verify the whole trail."""
    return viewer.role in (Role.AUDITOR, Role.ADMIN) or (
        viewer.role is Role.SERVICE and AUDIT in viewer.scopes
    )
