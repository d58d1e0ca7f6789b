"""How a team does: what its members add up to, beside the period before."""

from __future__ import annotations

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Scope
from coursepulse.dashboards.figures import COLUMNS, Figure, is_hidden
from coursepulse.dashboards.format import Kind

#: Name, kind, and whether it is compared: who is a member is read from the roster of now, and completion only grows.
_FIGURES = (
    ("members", Kind.COUNT, False),
    ("active_members", Kind.COUNT, True),
    ("time_spent", Kind.SECONDS, True),
    ("lessons_completed", Kind.COUNT, True),
    ("courses_completed", Kind.COUNT, True),
    ("completion_pct", Kind.PERCENT, False),
    ("score_pct", Kind.PERCENT, True),
)


def data(ask: Ask) -> tuple[Figure, ...]:
    """The headline numbers; none of a team that is known to have nobody in it."""
    now, before = ask.pair("team_summary")
    if now.get("members") == 0:
        return ()
    return tuple(
        Figure(name, now.get(name), before.get(name), kind, compared, suppressed=is_hidden(now, name))
        for name, kind, compared in _FIGURES
    )


CARD = Card(
    slug="team_headline",
    scope=Scope.TEAM,
    metrics=("team_summary",),
    data=data,
    columns=COLUMNS,
    template="figures.html",
    span=12,
    several=True,
)
