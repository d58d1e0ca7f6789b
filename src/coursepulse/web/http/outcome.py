"""What became of the form that somebody sent from a page, for the top of that page (``parts/outcome.html``)."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.errors import RequestError
from coursepulse.web.http.reader import words_for


class Outcome(NamedTuple):
    """What was done, or why not.

    :param secret: shown once, such as a new password
    """

    done: str = ""
    secret: str = ""
    trouble: RequestError | None = None

    @property
    def status(self) -> int:
        """The status of the page."""
        return self.trouble.status if self.trouble else 200

    @property
    def shown(self) -> dict[str, str]:
        """The values that the template takes."""
        return {
            "done": self.done,
            "secret": self.secret,
            "trouble": words_for(self.trouble) if self.trouble else "",
        }


#: Of a page that was only opened.
NOTHING_SENT = Outcome()
