"""Forms that change something: only our own pages may send them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from litestar import Request

from coursepulse.kit.errors import RequestError
from coursepulse.web.auth import check_origin, form_token
from coursepulse.web.taking import refuse_nul
from coursepulse.web.text import say

#: The hidden field that proves where a form comes from.
FIELD = "form_token"


class Form:
    """What somebody filled in."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """A field, empty when it is missing or holds a file."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may be chosen several times."""
        getall = getattr(self._values, "getall", None)
        found = getall(name, []) if getall else [self._values[name]] if name in self._values else []
        return [value for value in found if isinstance(value, str)]


async def read_form(request: Request[Any, Any, Any], secret: str) -> Form:
    """The form of a request, if one of our own pages sent it.

    :param secret: the cookie from which the form's token was made
    :raises RequestError: ``foreign_form``, ``form_expired`` or ``invalid_request``
    """
    check_origin(request)
    values = await request.form()
    refuse_nul(values.multi_items())
    form = Form(values)
    if not secret or not hmac.compare_digest(form.text(FIELD).encode(), form_token(secret).encode()):
        raise RequestError("form_expired", say("trouble.form_expired"), 403)
    return form
