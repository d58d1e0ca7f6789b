"""Where requests of students go, for the API and the pages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.kit.errors import RequestError

if TYPE_CHECKING:
    from coursepulse.web.privacy.ports import DataRequests, PrivacyServices


def data_requests(services: PrivacyServices) -> DataRequests:
    """The requests of students and their archives.

    :raises RequestError: ``not_here`` where this process only collects
    """
    if services.privacy is None:
        raise RequestError(
            "not_here",
            "This process only collects events. Send the request to the process that stores them.",
            503,
        )
    return services.privacy
