"""Every language says every sentence, with the same values and all of its plural forms, in its own words."""

from __future__ import annotations

import re
from string import Formatter
from typing import NamedTuple

import pytest
from babel.messages.pofile import read_po

from coursepulse.dashboards.language import LOCALES, SOURCE, languages, own_name
from coursepulse.metrics.catalog import METRICS
from coursepulse.web.http.render import STATIC
from coursepulse.web.metrics.definitions import definitions

TRANSLATED = [language for language in languages() if language != SOURCE]

#: Words that are the same in both languages.
SAME = {
    "de": frozenset(
        [
            "Budget",
            "Budgets",
            "Form",
            "In",
            "Median",
            "Minute",
            "Name",
            "Organisation",
            "Position",
            "Quiz",
            "Sender",
            "Starts",
            "Status",
            "System",
            "Tablet",
            "Team",
            "Teams",
            "Text",
            "Video",
            "Videos",
            "Webhooks",
        ]
    ),
    "ar": frozenset[str](),
}

#: Names of products and forms, commands, and what has no words but those that are filled in.
EVERYWHERE = frozenset(
    {"PDF", "Slack", "Microsoft Teams", "Airflow", "PostgreSQL", "ClickHouse", "metrics:student"}
    | {"coursepulse users add admin --role admin", "{n}\u00a0s", "{n}\u00a0min", "{n}\u00a0h"}
)


class Sentences(NamedTuple):
    """A catalogue: the forms of each sentence by its key, and how many forms a number of things has."""

    forms: dict[str, tuple[str, ...]]
    plurals: int


def read(language: str) -> Sentences:
    with (LOCALES / language / "LC_MESSAGES" / "coursepulse.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return Sentences(
        {_first(entry.id): _forms(entry.string) for entry in catalogue if entry.id}, catalogue.num_plurals
    )


def _first(key: str | tuple[str, ...] | list[str]) -> str:
    return key if isinstance(key, str) else key[0]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def values_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


ENGLISH = read(SOURCE)


def test_german_and_arabic_are_there() -> None:
    assert [own_name(language) for language in languages()] == ["العربية", "Deutsch", "English"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_lacks_a_translation(language: str) -> None:
    said = read(language).forms
    assert sorted(ENGLISH.forms.keys() - said.keys()) == []
    assert sorted(said.keys() - ENGLISH.forms.keys()) == []
    assert [key for key, forms in said.items() if not all(form.strip(" ") for form in forms)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_of_a_plural_is_there(language: str) -> None:
    said = read(language)
    plural = {key for key, forms in ENGLISH.forms.items() if len(forms) == ENGLISH.plurals}
    assert {key: len(said.forms[key]) for key in plural} == dict.fromkeys(plural, said.plurals)
    assert {
        key: len(forms) for key, forms in said.forms.items() if key not in plural and len(forms) > 1
    } == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_values_in_braces_agree(language: str) -> None:
    said = read(language).forms
    assert {key: values_in(forms[-1]) for key, forms in said.items()} == {
        key: values_in(forms[-1]) for key, forms in ENGLISH.forms.items()
    }
    # One and two may be said in words.
    strange = {
        key for key, forms in said.items() if any(values_in(form) - values_in(forms[-1]) for form in forms)
    }
    assert strange == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_in_english(language: str) -> None:
    said = read(language).forms
    left = {key: forms[-1] for key, forms in said.items() if forms[-1] == ENGLISH.forms[key][-1]}
    allowed = EVERYWHERE | SAME[language]
    english = {
        key: text for key, text in left.items() if text not in allowed and _words(text) - SAME[language]
    }
    assert english == {}


def _words(text: str) -> set[str]:
    """The words of a sentence beside the values that are filled in."""
    return set(re.findall(r"[^\W\d_]{2,}", re.sub(r"{\w+}", " ", text)))


def test_what_the_words_of_metrics_are_in_english() -> None:
    assert {f"metric.{slug}": metric.title for slug, metric in METRICS.items()} == {
        key: forms[0] for key, forms in ENGLISH.forms.items() if key.startswith("metric.")
    }


def test_every_definition_has_a_title_and_a_sentence() -> None:
    """And no other has: what is gone from the documentation is gone from the catalogue."""
    parts = ("title", "short")
    wanted = {f"definition.{each.anchor}.{part}" for each in definitions().values() for part in parts}
    assert {key for key in ENGLISH.forms if key.startswith("definition.")} == wanted


def test_styles_speak_of_start_and_end() -> None:
    """Left and right would stay where they are on pages that are read from the right."""
    text = (STATIC / "app.css").read_text(encoding="utf-8")
    rules = (
        text.partition('[dir="rtl"] :is(h1')[0] + text.partition("/* What runs along the line of reading")[2]
    )
    physical = re.findall(
        r"(?m)^\s*((?:margin|padding|border)-(?:left|right)\b.*|(?:left|right):.*|text-align: (?:left|right).*)$",
        rules,
    )
    assert physical == []
