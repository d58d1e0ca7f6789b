"""Which days the address of a page or a card asks for."""

from __future__ import annotations

import re

from coursepulse.dashboards.period import ChosenDays
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web.http.request import AnyRequest

#: What says in an address which days are meant.
DAYS = ("days", "since", "until")

_NUMBER = re.compile("[0-9]{1,9}")


def read_days(request: AnyRequest) -> ChosenDays:
    """The days of an address. Whether there can be numbers of them is told when they are asked for.

    :raises RequestError: ``invalid_request``, ``unused_parameter``
    """
    given = request.query_params
    if "as_of" in given:
        raise RequestError("unused_parameter", say("trouble.as_of"), path="$.as_of", told=True)
    days = given.get("days", "")
    if days and not (_NUMBER.fullmatch(days) and int(days)):
        raise RequestError("invalid_request", say("period.trouble.number"), path="$.days", told=True)
    return ChosenDays(int(days or 0), given.get("since", ""), given.get("until", ""))
