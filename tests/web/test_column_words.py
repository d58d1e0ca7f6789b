"""A number always stands beside what it is, in every language and on a narrow screen too."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from coursepulse.dashboards.catalog import DASHBOARDS
from coursepulse.dashboards.language import languages, speaking
from coursepulse.dashboards.reader import _named
from coursepulse.dashboards.words import label
from coursepulse.metrics.catalog import METRICS
from coursepulse.web.http.render import STATIC

TEMPLATES = STATIC.parent / "templates"


@pytest.mark.parametrize("language", sorted(languages()))
def test_no_two_columns_of_a_card_have_the_same_name(language: str) -> None:
    with speaking(language):
        for card in (card for cards in DASHBOARDS.values() for card in cards):
            names = Counter(map(label, card.table_columns))
            assert max(names.values(), default=1) == 1, (card.slug, names.most_common(1))


@pytest.mark.parametrize("name", ["audit.html", "compare.html", "parts/table.html", "evidence.html"])
def test_on_a_narrow_screen_every_cell_says_what_it_is(name: str) -> None:
    """What heads the columns is out of sight there."""
    (table,) = re.findall(r"<table.*?</table>", (TEMPLATES / name).read_text("utf-8"), re.DOTALL)
    assert table.startswith('<table class="stacked')
    cells = re.findall(r"<td[^>]*>|{% else %}td[^>]*>", table.partition("<tbody>")[2].partition("<tfoot>")[0])
    assert [each for each in cells if "data-label" not in each and "picked" not in each] == []


def test_slow_metrics_are_called_by_their_names_in_the_readers_language() -> None:
    row = {"metric": "course_risk", "called": METRICS["course_risk"].title}
    with speaking("de"):
        assert _named(METRICS["query_times"], row)["called"] == "Risikomatrix"
