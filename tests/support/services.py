"""What a server is wired with, for tests that need a part of it."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from coursepulse.web.http.services import Services


class Unread:
    """Metrics that nobody asks for a number: any other use fails."""

    def wrote(self, subject: str) -> None:
        """Nothing is kept here that would have to be made again."""


def wire(**parts: Any) -> Services:
    """Services with these parts; what a test leaves out is None, and fails as soon as it is used."""
    absent = {
        field.name: None
        for field in fields(Services)
        if field.default is MISSING and field.default_factory is MISSING
    }
    return Services(**{**absent, "health": dict, "metrics": Unread(), **parts})
