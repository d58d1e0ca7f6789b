"""A card as it is shown: its rows, which part of them, and the addresses of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.links import card_anchor, evidence_link, risk_limits_link
from coursepulse.dashboards.period import ChosenDays, Period
from coursepulse.dashboards.reader import Record, Rows
from coursepulse.dashboards.text import enumerated, say
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.proof import Proof, Same
from coursepulse.metrics.metric import Param, Unit
from coursepulse.privacy.consent import Purpose
from coursepulse.web.live.subjects import PLATFORM, about_course, about_learner, about_student, about_team

#: The last page that can be asked for: no table is as long, and stores count in 64 bits.
LAST_PAGE = 999_999_999

#: Characters of a column to sort by.
LONGEST_SORT = 64


#: What narrows a long table, by name in addresses and in questions.
FILTERS = ("search", "bucket", "engagement", "status")


#: What a reader may choose on a card, by name in addresses; it narrows nothing.
CHOICES = ("step", "measure")


class CardRequest(NamedTuple):
    """What the address of a card asks for, in its own words."""

    course: str = ""
    student: str = ""
    video: str = ""
    team: str = ""
    days: int = 0
    page: int = 1
    sort: str = ""
    search: str = ""
    bucket: str = ""
    engagement: str = ""
    status: str = ""
    step: str = ""
    measure: str = ""
    since: str = ""
    until: str = ""

    @property
    def chosen(self) -> ChosenDays:
        """Which days are wanted."""
        return ChosenDays(self.days, self.since, self.until)

    @property
    def choices(self) -> dict[str, str]:
        """What is chosen of what a card offers."""
        return {name: getattr(self, name) for name in CHOICES}

    @property
    def filters(self) -> dict[str, Any]:
        """Which rows of a long table are wanted."""
        return {name: getattr(self, name) for name in FILTERS}

    @property
    def subject(self) -> str:
        """What has to change for the card to be asked for again. Only for requests that have been answered."""
        if self.student:
            student = UUID(self.student).bytes
            return about_learner(self.course, student) if self.course else about_student(student)
        if self.team:
            return about_team(self.team)
        return about_course(self.course) if self.course else PLATFORM

    def query(self, **changes: object) -> str:
        """The request as the query of an address; what is usual is left out."""
        asked = self._asdict() | changes
        return urlencode(
            {key: value for key, value in asked.items() if value and (key, value) != ("page", 1)}
        )


class CardLink(NamedTuple):
    """Another view of the same card, without and with scripts.

    :param href: the whole page with the card in that order or on that page
    :param part: the card alone
    """

    href: str
    part: str


class ColumnOrder(NamedTuple):
    """How a column is sorted now (``ascending``, ``descending`` or empty), and how to sort by it."""

    current: str
    link: CardLink | None


class ShownCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card, answered.

    :param period: the days that the rows are about; without rows, those that the reader looks at
    :param rows: all rows, or one page of them when ``total`` says how many there are
    :param small_group: below how many people numbers are hidden from the reader, None when none are
    :param trouble: a sentence to show instead of rows
    :param failed: it could not be read, and may not be tomorrow: what it is a part of goes on without it
    :param lacks_consent: what the student has not agreed to, and why there are no rows
    :param exportable: the reader may carry the rows away as a file
    :param own: the reader is that student
    :param moderated: where the reader may remove names from the leaderboard that is shown; empty where they may not
    :param linked: there are other pages that the reader can go to; in a frame there are none
    """

    card: Card
    request: CardRequest
    days: int
    period: Period | None = None
    rows: Rows = ()
    as_of: Micros | None = None
    version: str = ""
    total_rows: int | None = None
    small_group: int | None = None
    trouble: str = ""
    failed: bool = False
    lacks_consent: Purpose | None = None
    exportable: bool = True
    own: bool = False
    moderated: str = ""
    linked: bool = True

    @property
    def periodic(self) -> bool:
        """Whether the period changes what is shown; some metrics are always to date."""
        return any(Param.FROM in METRICS[metric].takes for metric in self.card.read_metrics)

    @property
    def kept_days(self) -> dict[str, object]:
        """What a link says to lead to the same days."""
        return self.request.chosen.kept(self.days)

    @property
    def span(self) -> str:
        """The days of it (ISO 8601): both ends where it has a period, the last of what is to date."""
        if self.period is None:
            return ""
        end = self.period.end.isoformat()
        return f"{self.period.start.isoformat()}--{end}" if self.periodic else f"to-{end}"

    def pick(self, row: Record) -> str:
        """What the box in front of a row is called: the same row at each look, and no other."""
        ids = [row[each.name] for each in self.card.columns if each.unit is Unit.ID]
        name = blake2b("\n".join(map(str, ids)).encode(), digest_size=8).hexdigest()
        return f"pick-{self.anchor}-{name}"

    @property
    def cut_at(self) -> str:
        """Where those who may change it say how the card is cut; empty where nobody can."""
        return (
            risk_limits_link(self.request.course) if self.linked and self.card.slug == "course_risk" else ""
        )

    @property
    def cut_from(self) -> int:
        """How many rows there would be to draw, when the chart has no room for all of them; else 0."""
        most = self.card.view.most
        total = len(self.card.view.drawable(self.rows)) if most else 0
        return total if total > most else 0

    @property
    def option(self) -> Option | None:
        """The chart, where the card has one."""
        return self.card.view.option(self.card, self.rows) if self.rows else None

    @property
    def summary(self) -> str:
        """What stands out in the chart, in one sentence."""
        return self.card.view.summary(self.card, self.rows) if self.rows else ""

    @property
    def withheld(self) -> bool:
        """Whether all of it waits for the student's consent to analytics."""
        return not self.rows and not self.trouble and self.lacks_consent is Purpose.ANALYTICS

    @property
    def blank(self) -> bool:
        """Whether there is nothing to show yet."""
        return not self.rows and not self.trouble and self.lacks_consent is None and not self.narrowed

    @property
    def rows_digest(self) -> str:
        """A fingerprint of the rows alone: page, JSON, CSV and PDF of the same rows have the same one."""
        rows = [[row.get(each.name) for each in self.card.columns] for row in self.rows]
        return blake2b(msgspec.json.encode(rows, enc_hook=str), digest_size=8).hexdigest()

    @property
    def print(self) -> str:
        """A fingerprint of what the reader sees, to tell whether a refresh has anything new."""
        seen = msgspec.json.encode((self.rows, self.trouble, self.lacks_consent, self.request), enc_hook=str)
        return blake2b(seen, digest_size=8).hexdigest()

    @property
    def subject(self) -> str:
        """What has to change for it to be asked for again."""
        return follows_of(self.card, self.request)

    @property
    def anchor(self) -> str:
        """What the card is called on its page."""
        return anchor_of(self.card, self.request)

    def address(self, form: str, **changes: object) -> str:
        """Where this card lives: ``form`` is empty for HTML, ``.json`` or ``.csv``."""
        return f"/cards/{self.card.slug}{form}?{self.request.query(**changes)}"

    def why(self, row: Record, name: str) -> str:
        """Where it is said what a number is made of; empty for what is no number, and where that may not be seen."""
        source = self.card.source
        proven = isinstance(source.evidence_of(name), (Proof, Same))
        # Of a team, the members who agreed to be named are shown, and the others counted together.
        covered = self.small_group is not None and not source.members
        if not (self.linked and proven) or covered or row.get(name, 0) is None:
            return ""
        asked = {
            key: value for key, value in self.request._asdict().items() if key in source.parameters and value
        }
        if Param.COURSE in source.parameters and row.get("course_id"):
            asked["course"] = row["course_id"]  # a list over several courses is asked for without one
        if Param.TEAM in source.parameters and row.get("team_id"):
            asked["team"] = row["team_id"]  # so are those who lead several teams
        told = {"video_id": self.request.video} | row
        keys = {each.name: told[each.name] for each in source.keys if told.get(each.name) not in (None, "")}
        if "day" in keys and not row.get(name):
            return ""  # a day on which nothing happened is no row of the metric
        return evidence_link(source.slug, {"column": name, **asked, **self.kept_days, **keys})

    @property
    def sort(self) -> str:
        """The order in force."""
        return sort_of(self.card, self.request)

    def order(self, name: str) -> ColumnOrder:
        """How the column ``name`` is sorted, and where choosing it leads: the other way round if it is."""
        name = self.card.view.sort_column(name)
        first = next((way for way in self.card.sort_orders if way.lstrip("-") == name), "")
        if not first:
            return ColumnOrder("", None)
        if self.sort.lstrip("-") != name:
            return ColumnOrder("", self.link_to(sort=first, page=1))
        down = self.sort.startswith("-")
        other_way = name if down else f"-{name}"
        return ColumnOrder("descending" if down else "ascending", self.link_to(sort=other_way, page=1))

    def choice(self, name: str) -> list[tuple[str, bool, CardLink]]:
        """What may be chosen: each with whether it is chosen now, and where choosing it leads."""
        offered = self.card.view.offers[name]
        now = getattr(self.request, name) if getattr(self.request, name) in offered else offered[0]
        return [(each, each == now, self.link_to(page=1, **{name: each})) for each in offered]

    @property
    def narrowed(self) -> bool:
        """Whether only some of the rows were asked for."""
        return any(self.request.filters.values())

    @property
    def whole_link(self) -> CardLink:
        """All rows again."""
        return self.link_to(page=1, **dict.fromkeys(FILTERS, ""))

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return len(self.rows) if self.total_rows is None else self.total_rows

    @property
    def pages(self) -> int:
        """How many pages they fill."""
        return max(1, -(-self.total // self.card.view.page_size))

    @property
    def page(self) -> int:
        """The page shown, from 1."""
        return min(max(1, self.request.page), self.pages)

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1."""
        return (self.page - 1) * self.card.view.page_size + 1

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.total, self.page * self.card.view.page_size)

    @property
    def page_rows(self) -> Rows:
        """The rows of this page."""
        return self.rows if self.card.paged else self.rows[self.first - 1 : self.last]

    def page_link(self, step: str) -> CardLink | None:
        """The ``previous`` or ``next`` page, None at either end."""
        page = self.page + (1 if step == "next" else -1)
        return self.link_to(page=page) if 1 <= page <= self.pages else None

    def link_to(self, **changes: object) -> CardLink:
        """This card with a different order or page."""
        query = urlencode({"card": self.anchor, **self.kept_days})
        kept = self.request.filters | self.request.choices
        turned = CardRequest(page=self.page, sort=self.request.sort)._replace(**kept)
        asked = turned.query(**changes)
        return CardLink(f"?{query}&{asked}#card-{self.anchor}", self.address("", **changes))


class Arranged(NamedTuple):
    """The cards of a page, so that what is missing is said once and not in a box each.

    :param cards: those with something to show
    :param blank: those without, if they are many: smaller, below the others, and full again with the first number
    :param withheld: those that wait for consent, if they are many: named in one sentence
    """

    cards: Sequence[ShownCard]
    blank: Sequence[ShownCard]
    withheld: Sequence[ShownCard]


class ShownPart(NamedTuple):
    """The cards of one part of a long page.

    :param name: of the part; empty for the cards that stand above all parts
    """

    name: str
    cards: Sequence[ShownCard]


def part(cards: Sequence[ShownCard]) -> list[ShownPart]:
    """The cards of a page part by part, in their order; what stands above all parts comes first, if only as nothing."""
    names = dict.fromkeys(["", *(shown.card.part for shown in cards)])
    return [ShownPart(name, [shown for shown in cards if shown.card.part == name]) for name in names]


#: So many empty boxes are room for nothing.
_MANY = 3


def arrange(shown: Sequence[ShownCard]) -> Arranged:
    """The cards in their order, apart from those that have nothing to show if they are many."""
    blank = [card for card in shown if card.blank]
    withheld = [card for card in shown if card.withheld]
    apart = [*(blank if len(blank) >= _MANY else ()), *(withheld if len(withheld) > 1 else ())]
    rest = [card for card in shown if not any(card is each for each in apart)]
    return Arranged(rest, blank if len(blank) >= _MANY else (), withheld if len(withheld) > 1 else ())


def begin(shown: Sequence[ShownCard]) -> Arranged:
    """What somebody made or is tied to already: numbers would all be 0, and what to do first stands above them."""
    return Arranged([each for each in shown if each.card.begins and each.rows], (), ())


def read_page(text: str) -> int:
    """The number of a page in an address; what names none means the first."""
    known = text.isdecimal() and len(text) <= len(str(LAST_PAGE))
    return int(text) if known else 1


def follows_of(card: Card, card_request: CardRequest) -> str:
    """What has to change for a card to be asked for again."""
    return card.view.follows or card_request.subject


def anchor_of(card: Card, card_request: CardRequest) -> str:
    """What a card is called on its page, where others with its slug may stand."""
    if not card.repeatable:
        return card.slug
    return card_anchor(card.slug, card_request.course or card_request.team)


def sort_of(card: Card, card_request: CardRequest) -> str:
    """The order that a request asks for, or the usual one.

    :raises RequestError: ``invalid_sort`` for one that the card does not offer
    """
    offered = [way.lstrip("-") for way in card.sort_orders]
    asked = card_request.sort
    if asked and asked.removeprefix("-") not in offered:
        raise invalid_sort(offered)
    return asked or next(iter(card.sort_orders), "")


def invalid_sort(offered: Sequence[str]) -> RequestError:
    """The answer to an order that is not on offer."""
    names = enumerated(f"`{each}`" for each in dict.fromkeys(offered))
    words = say("trouble.sort", names=names) if offered else say("trouble.no_sort")
    return RequestError("invalid_sort", words, path="$.sort")


def sort_rows(rows: Rows, sort: str) -> Rows:
    """Rows in the wanted order; what has no value stands last either way."""
    name = sort.lstrip("-")
    if not name:
        return rows
    known = [row for row in rows if row[name] is not None]
    unknown = [row for row in rows if row[name] is None]
    return [*sorted(known, key=lambda row: row[name], reverse=sort.startswith("-")), *unknown]
