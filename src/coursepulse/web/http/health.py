"""``GET /v1/health``: whether everything runs, and how far behind the numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import get

from coursepulse.web import reach
from coursepulse.web.http.auth import bearer, sender_of
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    from coursepulse.web.http.ports import HttpServices


@get("/v1/health", tags=["operation"], sync_to_thread=True)
def show_health(request: AnyRequest) -> dict[str, Any]:
    """Whether the server is well: ``status`` is ``ok`` or ``degraded``, for anybody. The rest is for keys.

    With a key, whatever its scopes: the state of the stores, the pipeline and the collector; counts are since the
    start. ``pipeline.lag`` counts acknowledged events that are not yet in the numbers. ``pipeline.stages`` says how
    often each stage ran, and for how many seconds in all. ``latest_data_at`` is the time of the newest event that is
    in the numbers. Of dead letters a key sees its own, and the machine's own key all.
    """
    services = reach.http(request)
    facts: dict[str, Any] = {"status": "ok", "latest_data_at": None, **services.health()}
    key = services.collector.keys.find(bearer(request))
    if key is None:
        # How much goes on here, and what is wrong, is nothing to strangers. A wrong key is no reason to look down.
        return {"status": facts["status"]}
    facts["pipeline"] = {**facts.get("pipeline", {}), "lag": services.collector.lag()}
    facts["collector"] = _collector(services, sender_of(key))
    return facts


def _collector(services: HttpServices, source: str | None) -> dict[str, Any]:
    collector = services.collector
    report = collector.report()
    return {
        "events": report.events,
        "steps": {step: taken._asdict() for step, taken in report.steps.items()},
        "dead_letters": {
            "waiting": collector.dead_letters.waiting(source),
            "overflowed": collector.dead_letters.overflowed(source),
        },
    }


routes = [show_health]
