"""Drafts of messages to students who were chosen from a list. Nothing is sent from here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import StudentContact
from coursepulse.campus.message_templates import OF_WORK, MessageText, unknown_places
from coursepulse.dashboards.language import language, languages, own_name, speaking, translate
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.alerts.service import alert_inbox
from coursepulse.web.audit.writing import note, note_each
from coursepulse.web.messages.recipients import Chosen, ChosenStudent, find_recipients

if TYPE_CHECKING:
    from coursepulse.web.messages.ports import MessageServices

#: How the trail calls it when somebody is shown a student's e-mail address to write to them.
WRITTEN_TO = "alerts:student:message"

#: How it calls a draw of who is written to at once: with the course, how many were drawn, and the seed.
DRAWN = "messages:list:drawn"

#: Characters of an address beyond which mail programs cut it off.
_LONGEST_ADDRESS = 2000

#: Letters that a page lists where each is different.
MOST_LETTERS = 100


class Wish(NamedTuple):
    """What somebody wants to say.

    :param template: which text to begin with; empty for the usual one
    :param texts: by language what was typed instead
    :param shown: the student whose letter is shown as a preview
    :param everybody: nobody is to wait
    """

    template: str = ""
    texts: Mapping[str, MessageText] = {}
    shown: str = ""
    everybody: bool = False


class FilledMessage(NamedTuple):
    """The message as one student gets it."""

    to: ChosenStudent
    text: MessageText

    @property
    def key(self) -> str:
        """Tells the letter from the others of a page."""
        return to_text(self.to.student)

    @property
    def mailto(self) -> str:
        """Opens it in a mail program (RFC 6068); empty without an address."""
        return f"mailto:{_escape(self.to.address)}?{_told(self.text)}" if self.to.address else ""


class LanguageDraft(NamedTuple):
    """A message in one language to those who read it, who do not learn of each other.

    :param text: with its placeholders
    """

    language: str
    text: MessageText
    letters: Sequence[FilledMessage]

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return own_name(self.language)

    @property
    def alike(self) -> bool:
        """Whether everybody gets the same: then one mail will do."""
        return len({letter.text for letter in self.letters}) == 1

    @property
    def addresses(self) -> list[str]:
        """The addresses there are."""
        return [each.to.address for each in self.letters if each.to.address]

    @property
    def mailto(self) -> str:
        """Opens the message to all in a mail program (RFC 6068); empty where nobody has an address."""
        if not self.addresses:
            return ""
        return f"mailto:?bcc={','.join(map(_escape, self.addresses))}&{_told(self.letters[0].text)}"

    @property
    def fits(self) -> bool:
        """Whether mail programs take the address as it is."""
        return len(self.mailto) <= _LONGEST_ADDRESS

    @property
    def listed(self) -> Sequence[FilledMessage]:
        """The letters that a page lists."""
        return self.letters[:MOST_LETTERS]


class WaitingStudent(NamedTuple):
    """Somebody who was drawn to be written to later."""

    chosen: Chosen
    name: str
    until: datetime


class Draft(NamedTuple):
    """A message to several students, in the language of each as far as it is known."""

    parts: Sequence[LanguageDraft]
    shown: FilledMessage
    wish: Wish
    unknown: Sequence[str] = ()
    waiting: Sequence[WaitingStudent] = ()

    @property
    def letters(self) -> list[FilledMessage]:
        """To everybody."""
        return [letter for part in self.parts for letter in part.letters]

    @property
    def unreached(self) -> list[str]:
        """The names of those without an address."""
        return [each.to.name for each in self.letters if not each.to.address]


def _draft(
    services: MessageServices,
    viewer: Viewer,
    chosen: Collection[Chosen],
    contacts: Mapping[bytes, StudentContact],
    wish: Wish,
) -> Draft:
    """A message to those of the chosen who have a contact. Each of them finds it in their access log.

    :raises RequestError: ``nobody_to_write_to``
    """
    if not contacts:
        raise RequestError("nobody_to_write_to", say("inbox.nobody"))
    note_each(services, viewer, WRITTEN_TO, {to_text(each) for each in contacts})
    to = {each for each in chosen if each.student in contacts}
    alert_inbox(services).note_messages(to, viewer)
    texts = {**_begin_with(services, viewer, wish.template), **wish.texts}
    works = any(text.places & OF_WORK for text in texts.values())
    recipients = find_recipients(services, viewer, to, contacts, works=works)
    parts = list(_by_language(recipients, texts))
    letters = [letter for part in parts for letter in part.letters]
    shown = next((each for each in letters if each.key == wish.shown), letters[0])
    return Draft(parts, shown, wish, unknown_places(part.text for part in parts))


def draft_to_class(
    services: MessageServices, viewer: Viewer, chosen: Collection[Chosen], wish: Wish
) -> Draft:
    """A message to students of courses that the viewer teaches, as far as the viewer may know them by name.

    :raises RequestError: ``nobody_to_write_to``
    """
    own = [each for each in chosen if each.course in viewer.course_ids]
    students = {each.student for each in own}
    contacts = alert_inbox(services).contacts(students, viewer) if students else {}
    known = {each for each in own if each.student in contacts}
    waiting = {} if wish.everybody else _draw(services, viewer, known)
    now = {each.student: contacts[each.student] for each in known - waiting.keys()}
    draft = _draft(services, viewer, known - waiting.keys(), now, wish)
    named = [
        WaitingStudent(each, name_of(each.student, contacts[each.student].name), until)
        for each, until in waiting.items()
    ]
    return draft._replace(waiting=sorted(named, key=lambda each: (each.name, each.chosen)))


def _draw(services: MessageServices, viewer: Viewer, known: Collection[Chosen]) -> dict[Chosen, datetime]:
    """Who has to wait, and until when; a draw that this takes is in the trail before it holds."""
    now = services.clock()
    split = services.message_draws.split({(each.student, each.course) for each in known}, now)
    for made in split.made:
        people = len(made.at_once) + len(made.waiting)
        note(services, viewer, DRAWN, str(made.draw_id), f"{made.course} {people} {made.seed}")
        services.message_draws.keep(made, viewer.subject, now)
    return {Chosen(*each): until for each, until in split.waiting.items()}


def draft_about_alerts(
    services: MessageServices, viewer: Viewer, alerts: Collection[bytes], wish: Wish
) -> Draft:
    """A message to the students of some alerts, as far as the viewer may see them.

    :raises RequestError: ``nobody_to_write_to``
    """
    inbox = alert_inbox(services)
    found = [kept.alert for kept in inbox.find(alerts, viewer)]
    chosen = [Chosen(each.student_id, each.course_id) for each in found if each.student_id]
    students = {each.student for each in chosen}
    # Somebody whom the roster does not know has no address; the page says so.
    contacts = {each: StudentContact("", "") for each in students}
    if students:
        contacts |= inbox.contacts(students, viewer)
    return _draft(services, viewer, chosen, contacts, wish)


def usual_texts() -> dict[str, MessageText]:
    """What is said where nobody has chosen a template, in every language."""
    return dict(_usual())


def _usual() -> Iterator[tuple[str, MessageText]]:
    for name in languages():
        with speaking(name):
            yield name, MessageText(translate("inbox.message.subject"), translate("inbox.message.text"))


def _begin_with(services: MessageServices, viewer: Viewer, template: str) -> Mapping[str, MessageText]:
    if not template:
        return usual_texts()
    kept = (each.texts for each in services.messages.usable(viewer) if str(each.template_id) == template)
    return next(kept, usual_texts())


def _by_language(
    recipients: Sequence[ChosenStudent], texts: Mapping[str, MessageText]
) -> Iterator[LanguageDraft]:
    """Everybody under the language they read, or else under the writer's, as far as there is a text in it."""
    other = language() if language() in texts else next(iter(texts))
    spoken = [each.language if each.language in texts else other for each in recipients]
    for name in sorted(set(spoken), key=lambda name: (name != other, name)):
        text = texts[name]
        to = [each for each, own in zip(recipients, spoken, strict=True) if own == name]
        yield LanguageDraft(name, text, [FilledMessage(each, text.fill(each.values)) for each in to])


def _escape(address: str) -> str:
    return quote(address, safe="@")


def _told(text: MessageText) -> str:
    return f"subject={quote(text.subject)}&body={quote(text.text)}"
