"""The catalogue of sentences says everything that the pages need, and nothing besides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from coursepulse.access.viewer import Role
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.language import LOCALES, languages
from coursepulse.dashboards.special import risk, steps
from coursepulse.dashboards.words import heading
from coursepulse.definitions.risk import Bucket, Cause, Points
from coursepulse.definitions.steps import Advice, advise
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.proof import Proof
from coursepulse.metrics.finish.steps import ANY
from coursepulse.privacy.consent import Purpose
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.render import templates


def catalogue(language: str = "en") -> dict[str, str]:
    """Every sentence of a language by its key; of those for a number of things, the last."""
    with (LOCALES / language / "LC_MESSAGES" / "coursepulse.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    return {_last(entry.id): _last(entry.string) for entry in entries}


def _last(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else list(text or ("",))[-1]


TEXT = catalogue()
CARDS = all_cards()
WEB = Path(__file__).parents[2] / "src/coursepulse/web"
ALERTS = Path(__file__).parents[2] / "src/coursepulse/alerts"
CARDS_ROOM = Path(__file__).parents[2] / "src/coursepulse/dashboards"
SOURCES = "\n".join(
    path.read_text()
    for path in (
        *WEB.rglob("*.py"),
        *WEB.rglob("*.html"),
        *CARDS_ROOM.rglob("*.py"),
        *ALERTS.rglob("*.py"),
        *CARDS_ROOM.rglob("*.html"),
    )
    if path.name != "text.py"
)


@pytest.mark.parametrize("slug", CARDS)
def test_the_catalogue_calls_a_column_what_the_metric_calls_it(slug: str) -> None:
    columns = CARDS[slug].table_columns
    assert {column.name: TEXT[heading(column)] for column in columns} == {
        column.name: column.title for column in columns
    }


@pytest.mark.parametrize("slug", CARDS)
def test_card_has_its_words(slug: str) -> None:
    assert {f"card.{slug}.title", f"card.{slug}.about", f"card.{slug}.empty"} <= TEXT.keys()
    assert {heading(column) for column in CARDS[slug].table_columns} <= TEXT.keys()


def test_the_catalogue_heads_and_names_all_that_makes_a_number() -> None:
    proofs = [
        each for metric in METRICS.values() for each in metric.evidence.values() if isinstance(each, Proof)
    ]
    shown = [*proofs, *(proof.opens for proof in proofs if proof.opens)]
    assert {f"things.{proof.things}" for proof in shown} == {key for key in TEXT if key.startswith("things.")}
    titles = {column.title for proof in shown for column in proof.columns if not column.hidden}
    assert titles == {text for key, text in TEXT.items() if key.startswith("evidence.column.")}


def test_every_reason_has_words_and_advice() -> None:
    assert {f"reason.{cause}" for cause in Cause} <= TEXT.keys()
    assert {f"step.{advice}" for advice in Advice} | {
        f"step.{advice}.why" for advice in Advice
    } <= TEXT.keys()
    assert {f"advised.{advice}" for advice in (*Advice, ANY)} <= TEXT.keys()
    others = {f"step.other.{advice}{more}" for advice in Advice for more in ("", ".why")}
    assert others <= TEXT.keys()
    assert not any(re.search(r"\byour?\b", TEXT[key], re.IGNORECASE) for key in others)
    assert set(steps.ICONS) == set(Advice)
    assert {advice for cause in Cause for advice in advise([Points(cause, 1)])} | {Advice.GO_ON} == set(
        Advice
    )


def test_every_bucket_and_role_has_a_name() -> None:
    assert {f"bucket.{bucket}" for bucket in Bucket} | {f"role.{role}" for role in Role} <= TEXT.keys()
    assert {bucket for bucket, _, _ in risk.BUCKETS} == set(Bucket)


def test_every_key_that_is_said_exists() -> None:
    said = set(re.findall(r"""say\(\s*["']([\w.]+\w)["'][,)\s]""", SOURCES))
    plurals = set(re.findall(r"""plural\(\s*["']([\w.]+)["']""", SOURCES))
    assert said | plurals <= TEXT.keys()


def test_no_sentence_is_left_over() -> None:
    made = re.compile(
        r"(alert|card|metric|error|list|event|file|column|figure|bucket|state|band|quadrant|reason|weekday|role|step|pager|change|truth|unit|"
        r"timeline|standing|prediction|feature|engagement\.absent|consent\.lacks|audit\.field|audit\.hint|audit\.column|accesses\.(?:column|basis)|accesses\.what|break_glass\.column|"
        r"break_glass\.kind|now\.in|device|consent\.purpose|board\.trouble|nav|scope|sign_in\.demo|home\.\w+\.empty|"
        r"models\.(?:kind|method|limit|refused)|paper|tab|choice|axis\.cohort_period|tip\.cohort|(?:quality|system)\.(?:title|lead)|advice|reconcile\.(?:column|names|kind|state|cause|fault|student|there|here)|"
        r"act|advised|search\.kind|reports?|letter|limits\.(?:struggling|low_score|high_score)|templates\.place|reach\.(?:overdue|expired|dormant|due_soon|expires_30|ends_soon)|progress\.pace|goals\.(?:done|trouble)|pace|notifications\.quiet_\w+|webhooks\.kind|chat|steps\.(?:events|roster|people)|begin\.\w+\.(?:title|text|do)|evidence\.(?:rule|total|none|word|column)|things|consumer|job|inbox\.(?:state|empty|for|column)|part|definition)\b"
    )
    left = [
        key for key in TEXT if not made.match(key) and f'"{key}"' not in SOURCES and f"'{key}'" not in SOURCES
    ]
    assert left == []
    tags = {key.removeprefix("accesses.what.") for key in TEXT if key.startswith("accesses.what.")}
    assert {tag for tag in tags if f'"{tag}"' not in SOURCES} == set()


def test_all_that_happens_to_a_record_has_words_for_its_student() -> None:
    """A tag without words would be a line that says nothing."""
    tags = set(re.findall(r"""["']((?:\w+:(?:student|people|embed|archive)):\w+)["']""", SOURCES))
    silent = {tag for tag in tags if f"accesses.what.{tag}" not in TEXT and not tag.startswith("metrics:")}
    assert silent == set()


def test_a_card_that_may_be_empty_because_of_few_people_says_so() -> None:
    """On the first day a course is there, and its numbers are not: not "none has been seen"."""

    def read(small_group: int | None) -> str:
        shown = ShownCard(
            card=CARDS["platform_courses"],
            request=CardRequest(),
            days=28,
            small_group=small_group,
            linked=False,
        )
        return templates().get_template("parts/card.html").render(shown=shown)

    assert "Numbers about fewer than 5 people are not shown." in read(5)
    assert "fewer than" not in read(None)


def test_a_placeholder_is_short_enough_for_a_telephone() -> None:
    """About 25 characters fit into a field of a form at 390 px; the label has room for the sentence."""
    hinted = set(re.findall(r"""placeholder="\{\{ say\('([\w.]+)'\) \}\}""", SOURCES))
    hinted |= {key for key in TEXT if key.startswith("audit.hint.")}
    assert len(hinted) > 1
    assert {key: TEXT[key] for key in hinted if len(TEXT[key]) > 25} == {}


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything_and_fills_in_the_same_values(language: str) -> None:
    sentences = catalogue(language)
    assert sentences.keys() == TEXT.keys()
    assert all(sentences.values())
    assert {key: _values(text) for key, text in sentences.items()} == {
        key: _values(text) for key, text in TEXT.items()
    }


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_words(purpose: Purpose) -> None:
    assert {f"consent.purpose.{purpose}", f"consent.purpose.{purpose}.about"} <= TEXT.keys()
