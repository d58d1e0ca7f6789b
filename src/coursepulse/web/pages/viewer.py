"""Who looks at a page. There is no sign-in yet, so only the demo shows pages, and shows them as an administrator."""

from __future__ import annotations

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.kit.errors import RequestError
from coursepulse.kit.settings import Settings
from coursepulse.web.text import say

DEMO = Viewer(role=Role.ADMIN, subject="demo", opened=EVERYONE, purpose="The students are simulated.")


def page_viewer(settings: Settings) -> Viewer:
    """The viewer of every page.

    :raises RequestError: ``sign_in`` outside the demo: nobody is nobody's administrator
    """
    if not settings.demo:
        raise RequestError("sign_in", say("trouble.sign_in"), 401)
    return DEMO
