"""Sentences come from catalogues, numbers and dates follow the language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from coursepulse.dashboards import language
from coursepulse.dashboards.format import show
from coursepulse.dashboards.text import has_words, plural, say
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Unit
from coursepulse.web.http.reader import words_for

GERMAN = r"""
msgid ""
msgstr ""
"Language: de\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "role.student"
msgstr "Lernende"

msgid "unit.days"
msgid_plural "unit.days"
msgstr[0] "{count} Tag"
msgstr[1] "{count} Tage"
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "coursepulse.po").write_text(GERMAN, encoding="utf-8")
    (tmp_path / "en").symlink_to(language.LOCALES / "en")
    monkeypatch.setattr(language, "LOCALES", tmp_path)


@pytest.mark.usefixtures("german")
def test_a_catalogue_is_all_that_a_language_takes() -> None:
    assert language.languages() == ["de", "en"]
    assert (say("role.student"), plural("unit.days", 1), plural("unit.days", 3)) == (
        "student",
        "1 day",
        "3 days",
    )
    with language.speaking("de"):
        assert language.language() == "de"
        assert (say("role.student"), plural("unit.days", 1), plural("unit.days", 3)) == (
            "Lernende",
            "1 Tag",
            "3 Tage",
        )
        assert say("role.manager") == "manager", "what is not translated is said in English"
    assert say("role.student") == "student"


@pytest.mark.usefixtures("german")
def test_numbers_and_dates_follow_the_language() -> None:
    at = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)

    def shown() -> list[str]:
        values = (
            (12345.0, Unit.COUNT),
            (7.25, Unit.PERCENT),
            (date(2026, 11, 2), Unit.DATE),
            (at, Unit.MOMENT),
        )
        return [show(value, kind).replace("\u00a0", " ") for value, kind in values]

    assert shown() == ["12,345", "7.2 %", "Nov 2, 2026", "Nov 2, 2026, 14:05 UTC"]
    with language.speaking("de"):
        assert shown() == ["12.345", "7,2 %", "02.11.2026", "02.11.2026, 14:05 UTC"]


def test_a_key_without_a_sentence_is_an_error_and_never_shown() -> None:
    assert not has_words("unknown_key")
    with pytest.raises(KeyError, match="unknown_key"):
        say("unknown_key")
    with pytest.raises(KeyError, match="unknown_key"):
        plural("unknown_key", 2)
    with pytest.raises(KeyError, match="xx"), language.speaking("xx"):
        pass


def test_a_value_in_a_sentence_from_the_right_keeps_its_own_order() -> None:
    with language.speaking("ar"):
        item = say("step.item", item="Week 1 (A)", length="12 د")
        assert item == "\u2068Week 1 (A)\u2069، 12 د"
        assert say("step.do.lesson", item=item) == f"متابعة: \u2067{item}\u2069"
    with language.speaking("de"):
        assert say("step.do.lesson", item="Woche 1 (A)") == "Weiter: Woche 1 (A)"


def test_every_number_of_things_has_its_own_form_in_arabic() -> None:
    with language.speaking("ar"):
        forms = [plural("unit.days", count) for count in (0, 1, 2, 3, 11, 100)]
        assert len(set(forms)) == 6
        assert plural("unit.days", 1234).startswith("1,234 ")
        assert show(7.25, Unit.PERCENT) == "\u200e7.2%\u200e"


@pytest.mark.parametrize(
    "code", ["reason_too_short", "unknown_model", "no_model", "no_archive", "template_name_taken"]
)
def test_what_a_form_refuses_is_said_in_the_language_of_its_reader(code: str) -> None:
    refused = RequestError(code, "In English.")
    for name in set(language.languages()) - {"en"}:
        with language.speaking(name):
            assert words_for(refused) != "In English."
