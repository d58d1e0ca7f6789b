"""Alerts in the words of mails and webhooks: which rules, in which courses, how often, and where to look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.delivery.bodies import AlertWords
from coursepulse.alerts.delivery.mailing import Reader
from coursepulse.alerts.delivery.message import MailText
from coursepulse.alerts.delivery.webhooks import Happened
from coursepulse.alerts.rule import About, Severity
from coursepulse.dashboards.alert_words import alert_title
from coursepulse.dashboards.language import SOURCE, direction, language, languages, speaking
from coursepulse.dashboards.links import inbox_link
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import enumerated, plural, say
from coursepulse.kit.ids import to_text

#: What courses are called, as far as somebody said.
Titles: TypeAlias = Callable[[Collection[str]], Mapping[str, str]]

#: What those of some students are called whose names a viewer may see.
Names: TypeAlias = Callable[[Viewer, Collection[bytes]], Mapping[bytes, str]]

#: Names in one line of a mail; the page has all of them.
_MOST_NAMES = 20


class DigestLine(NamedTuple):
    """The alerts of one rule.

    :param amount: how many, in words
    :param names: of students; empty where mails name nobody
    """

    title: str
    amount: str
    names: tuple[str, ...] = ()


class DigestSection(NamedTuple):
    """What a mail says about a course, or about the platform."""

    title: str
    url: str
    lines: tuple[DigestLine, ...]


class DigestWriter:
    """Writes mails, and lines for chats.

    :param base: the address at which browsers reach this server
    """

    def __init__(self, base: str, titles: Titles, names: Names) -> None:
        self._base, self._titles, self._names = base.rstrip("/"), titles, names

    def write(self, reader: Reader, alerts: Sequence[Alert]) -> MailText:
        """A mail about alerts that its reader may see."""
        with speaking(reader.language if reader.language in languages() else SOURCE):
            return self._write(reader, alerts)

    def tell(self, alert: Alert, happened: Happened) -> AlertWords:
        """One alert in a line. Students appear by their pseudonyms."""
        with speaking(SOURCE):
            course = self._title_of(alert.course_id, self._titles([alert.course_id]))
            about = alert.student_id and to_text(alert.student_id)
            title = alert_title(alert.rule)
            line = say(f"chat.{happened.value}", course=course, title=title)
            if about:
                line = say("chat.student", line=line, student=about)
            return AlertWords(title, course, line, say("chat.open"), self._url(alert.course_id))

    def _write(self, reader: Reader, alerts: Sequence[Alert]) -> MailText:
        sections = self._sections(reader, alerts)
        urgent = any(alert.severity is Severity.URGENT for alert in alerts)
        subject = plural("mail.subject_urgent" if urgent else "mail.subject", len(alerts))
        values = {
            "subject": subject,
            "lead": plural("mail.lead", len(alerts)),
            "sections": sections,
            "account": reader.name,
            "change": f"{self._base}/notifications",
            "unsubscribe": reader.unsubscribe,
            "language": language(),
            "direction": direction(),
            "say": say,
            "enumerated": enumerated,
        }
        text, html = (
            mail_templates().get_template(f"digest.{kind}").render(values) for kind in ("txt", "html")
        )
        return MailText(subject, text, html)

    def _sections(self, reader: Reader, alerts: Sequence[Alert]) -> list[DigestSection]:
        by_course: dict[str, list[Alert]] = {}
        for alert in alerts:
            by_course.setdefault(alert.course_id, []).append(alert)
        titles = self._titles(list(by_course))
        names = self._names_for(reader, alerts)
        sections = [
            DigestSection(self._title_of(course, titles), self._url(course), _lines(group, names))
            for course, group in by_course.items()
        ]
        return sorted(sections)

    def _names_for(self, reader: Reader, alerts: Sequence[Alert]) -> Mapping[bytes, str] | None:
        students = {alert.student_id for alert in alerts if alert.student_id}
        return self._names(reader.viewer, students) if reader.named and students else None

    def _title_of(self, course: str, titles: Mapping[str, str]) -> str:
        return (titles.get(course) or course) if course else say("mail.platform")

    def _url(self, course: str) -> str:
        return self._base and self._base + inbox_link(course)


def _lines(alerts: Sequence[Alert], names: Mapping[bytes, str] | None) -> tuple[DigestLine, ...]:
    by_rule: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_rule.setdefault(alert.rule, []).append(alert)
    return tuple(sorted(_line(rule, group, names) for rule, group in by_rule.items()))


def _line(rule: str, alerts: Sequence[Alert], names: Mapping[bytes, str] | None) -> DigestLine:
    learners = {alert.student_id for alert in alerts if alert.about is About.LEARNER and alert.student_id}
    amount = plural("mail.learners", len(learners)) if learners else plural("mail.alerts", len(alerts))
    if names is None:
        return DigestLine(alert_title(rule), amount)
    shown = sorted(name_of(student, names.get(student)) for student in learners)
    more = [say("mail.more", count=len(shown) - _MOST_NAMES)] if len(shown) > _MOST_NAMES else []
    return DigestLine(alert_title(rule), amount, (*shown[:_MOST_NAMES], *more))


@cache
def mail_templates() -> Environment:
    """The templates of mails."""
    return Environment(
        loader=PackageLoader("coursepulse.dashboards", "mails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
