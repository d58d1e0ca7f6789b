"""``GET /v1/health``: whether everything runs, and how far behind the numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, get

if TYPE_CHECKING:
    from coursepulse.web.services import Services


@get("/v1/health", tags=["operation"], sync_to_thread=True)
def show_health(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """State of the stores, the pipeline and the door; counts are since the start. Needs no key, names nobody.

    ``pipeline.lag`` counts acknowledged events that are not yet in the numbers. ``latest_data_at`` is the
    time of the newest event that is.
    """
    services: Services = request.app.state.services
    facts = {"status": "ok", "latest_data_at": None, **services.health()}
    facts["pipeline"] = {**facts.get("pipeline", {}), "lag": services.door.lag()}
    facts["door"] = _door(services)
    return facts


def _door(services: Services) -> dict[str, Any]:
    door = services.door
    report = door.report()
    return {
        "events": report.events,
        "steps": {step: taken._asdict() for step, taken in report.steps.items()},
        "dead_letters": {
            "waiting": door.dead_letters.waiting(),
            "overflowed": door.dead_letters.overflowed(),
        },
    }


routes = [show_health]
