"""Who looks at a page."""

from __future__ import annotations

from coursepulse.access.viewer import Role
from coursepulse.kit.errors import RequestError
from coursepulse.web.http.auth import PageViewer, session_viewer, sign_in_needed
from coursepulse.web.http.request import AnyRequest


def page_viewer(request: AnyRequest) -> PageViewer:
    """Who is signed in, with the rights they have now. Reads the store: not for the loop.

    :raises RequestError: ``sign_in``, upon which a browser is sent to the sign-in page
    """
    viewer = session_viewer(request)
    if viewer is None:
        raise sign_in_needed()
    return viewer


def role_viewer(request: AnyRequest, *roles: Role) -> PageViewer:
    """The same for pages that are only for some roles.

    :raises RequestError: ``sign_in``, or ``forbidden`` for everybody else
    """
    viewer = page_viewer(request)
    if viewer.role not in roles:
        raise RequestError("forbidden", "You may not see this.", 403)
    return viewer
