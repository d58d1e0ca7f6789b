"""What an alert says: its title, the reason why it was raised, and what clears it."""

from __future__ import annotations

from coursepulse.alerts.alert import Alert, AlertNames
from coursepulse.alerts.streaks import COUNTED
from coursepulse.dashboards.format import show
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import has_words, reasoned, say, say_or
from coursepulse.metrics.metric import Unit

#: How a value is written, by the end of its name; other numbers are written as they are.
UNITS = {
    "_pct": Unit.PERCENT,
    "_s": Unit.SECONDS,
    "_days": Unit.DAYS,
    "_at": Unit.MOMENT,
    "position": Unit.POSITION,
}


def alert_title(rule: str) -> str:
    """What a rule is called."""
    return say_or(f"alert.{rule}.title", rule)


def alert_clears(rule: str) -> str:
    """What clears alerts of a rule."""
    return say_or(f"alert.{rule}.clears", "")


def alert_reason(alert: Alert, names: AlertNames) -> str:
    """Why it was raised, in a sentence for people who may know what ``names`` says."""
    words = f"alert.{alert.rule}.text"
    return say(words, **_fill(alert, names)) if has_words(words) else alert_title(alert.rule)


def _fill(alert: Alert, names: AlertNames) -> dict[str, str]:
    told = {name: _show(name, value) for name, value in alert.values.items()}
    return {
        **told,
        "student": name_of(alert.student_id, names.student) if alert.student_id else "",
        "course": names.course,
        "item": names.item or alert.item,
    }


def _show(name: str, value: float | str) -> str:
    if name == "reasons":
        return reasoned(say(f"reason.{cause}") for cause in str(value).split())
    if name == "times" and not isinstance(value, str) and value >= COUNTED:
        return say("alert.or_more", count=show(value, Unit.NUMBER))
    unit = next((unit for end, unit in UNITS.items() if name.endswith(end)), Unit.NUMBER)
    return value if isinstance(value, str) else show(value, unit)
