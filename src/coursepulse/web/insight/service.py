"""Who may see models and change which one predicts, and what the trail says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.access.viewer import Role, Viewer
from coursepulse.collect.keys import ADMIN
from coursepulse.insight.models_kept import KeptModel
from coursepulse.kit.errors import RequestError
from coursepulse.web.audit.writing import note

if TYPE_CHECKING:
    from coursepulse.web.insight.ports import InsightServices

#: How the trail calls them.
ASKED, ROLLED_BACK, REFUSED = "insight:model:train", "insight:model:roll_back", "insight:model:refused"


def check_reader(viewer: Viewer) -> None:
    """Administrators and keys see models: cards hold totals only, of nobody in particular.

    :raises RequestError: ``forbidden``
    """
    if viewer.role not in (Role.ADMIN, Role.SERVICE):
        raise RequestError("forbidden", "You may not see this.", 403)


def check_writer(services: InsightServices, viewer: Viewer) -> None:
    """Administrators, and the machine's own key, decide what is trained and shown.

    :raises RequestError: ``forbidden``
    """
    if viewer.role is Role.ADMIN or (viewer.role is Role.SERVICE and ADMIN in viewer.scopes):
        return
    note(services, viewer, REFUSED)
    raise RequestError("forbidden", "You may not do this.", 403)


def find_model(services: InsightServices, model: str) -> KeptModel:
    """A model on record; without a name the one that predicts, or else the newest.

    :raises RequestError: ``unknown_model``
    """
    found = services.models.find(model)
    if found is None:
        raise RequestError("unknown_model", "There is no such model.", 404)
    return found


def ask_training(services: InsightServices, viewer: Viewer) -> None:
    """Have a model trained as soon as possible.

    :raises RequestError: ``forbidden``
    """
    check_writer(services, viewer)
    note(services, viewer, ASKED)
    services.models.ask(viewer.subject)


def roll_back(services: InsightServices, viewer: Viewer) -> KeptModel | None:
    """Return to the model that was shown before; None where the rule is alone now.

    :raises RequestError: ``forbidden``, ``no_model``
    """
    check_writer(services, viewer)
    champion = services.models.overview().champion
    if champion is None:
        raise RequestError("no_model", "No model predicts, so there is nothing to take back.", 409)
    note(services, viewer, ROLLED_BACK, detail=f"model={champion.model}")
    return services.models.roll_back(viewer.subject)
