"""One normalised statement: its object, its course, and its attempt.

Statements of Open edX (event-routing-backends, which feeds Aspects) name courses and blocks by address. They get the
ids of the tracking log, so that both refer to the same course.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from coursepulse.formats.openedx.places import block_of, canonical_course, type_of
from coursepulse.formats.values import Json, first, mapping, number, text
from coursepulse.formats.xapi_verbs import ACTIVITIES, Activity

PROFILE = "https://w3id.org/xapi/video"

#: Prefixes of the extensions that are read. The names after them are the same in all.
_EXTENSIONS = (
    "w3id.org/xapi/video/extensions/",
    "w3id.org/xapi/openedx/extensions/",
    "w3id.org/xapi/openedx/extension/",
    "w3id.org/xapi/cmi5/context/extensions/",
    "w3id.org/xapi/cmi5/result/extensions/",
    "id.tincanapi.com/extension/",
)
_ATTEMPTS = ("attempt", "attempt-id")
_MOST_ATTEMPTS = 10_000

#: Objects that are not a single activity.
_OTHER_OBJECTS = frozenset({"Agent", "Group", "SubStatement", "StatementRef", "GroupActivity"})

_OLD_COURSE = re.compile(r"/courses?/(?P<key>[^/?#]+/[^/?#]+/[^/?#]+)/?$")

#: Marks of Open edX in addresses and in names of extensions.
_OPENEDX = ("block-v1:", "/course-v1:", "i4x:")
_OPENEDX_NAMES = ("openedx", "eventVersion")


class Statement(NamedTuple):
    """The parts of a statement that the mapping reads; a missing part is empty.

    :param verb: the last part of the verb's address
    :param kind: what the object is: ``Activity``, ``GroupActivity``, Agent, Group, SubStatement or StatementRef
    :param object_id: the object, with its id in the tracking log
    :param block: the type of the Open edX block, such as ``problem``
    :param extensions: those of context and result, by short names
    :param openedx: whether Open edX wrote it
    """

    verb: str
    kind: str
    activity: Activity
    object_id: str
    block: str
    definition: Json
    result: Json
    context: Json
    extensions: Json
    openedx: bool


def read_statement(statement: Json) -> Statement:
    """Takes a statement apart."""
    thing = mapping(statement.get("object"))
    context, result = mapping(statement.get("context")), mapping(statement.get("result"))
    address = unquote(text(thing.get("id")))
    kind = text(thing.get("objectType"))
    openedx = _is_openedx(context, address)
    return Statement(
        verb=last_part(text(mapping(statement.get("verb")).get("id"))),
        kind=kind if kind in _OTHER_OBJECTS else "Activity",
        activity=_activity_of(thing, context),
        object_id=_place_of(thing, openedx),
        block=type_of(address) if any(mark in address for mark in _OPENEDX) else "",
        definition=mapping(thing.get("definition")),
        result=result,
        context=context,
        extensions={**_short(context), **_short(result)},
        openedx=openedx,
    )


def last_part(address: str) -> str:
    """The last part of an IRI: registries of verbs and types differ only before it."""
    return address.rstrip("/").rpartition("/")[2].rpartition("#")[2]


def _short(place: Json) -> dict[str, Any]:
    """The extensions of one object by short names."""
    named = ((name.partition("://")[2], value) for name, value in mapping(place.get("extensions")).items())
    return {
        name.removeprefix(start): value
        for name, value in named
        for start in _EXTENSIONS
        if name.startswith(start)
    }


def _activity_of(thing: Json, context: Json) -> Activity:
    kind = _type_of(thing)
    if kind:
        return kind
    if type_of(unquote(text(thing.get("id")))) == "sequential":
        return Activity.LESSON
    profiles = {text(mapping(each).get("id")).rstrip("/") for each in related(context, "category")}
    return Activity.VIDEO if PROFILE in profiles else Activity.OTHER


def _type_of(thing: Json) -> Activity | None:
    return ACTIVITIES.get(last_part(text(mapping(thing.get("definition")).get("type"))).lower())


def related(context: Json, *relations: str) -> list[Any]:
    """Activities of these relations: arrays, or one object each as xAPI 0.95 wrote it."""
    found = []
    for relation in relations:
        some = mapping(context.get("contextActivities")).get(relation)
        found += some if isinstance(some, list) else [some] if some else []
    return found


def find_related(statement: Statement, kind: Activity) -> str:
    """The nearest related activity of a kind: parents first, then the wider grouping."""
    for each in related(statement.context, "parent", "grouping"):
        thing = mapping(each)
        if _type_of(thing) is kind and text(thing.get("id")):
            return _place_of(thing, statement.openedx)
    return ""


def find_course(statement: Statement, address: str) -> str:
    """The course: a related activity, or the course in an Open edX address.

    :param address: the object's id as it is written
    """
    found = find_related(statement, Activity.COURSE)
    if found:
        return found
    addresses = [text(mapping(each).get("id")) for each in related(statement.context, "parent", "grouping")]
    return next(filter(None, map(_course_within, [*addresses, address])), "")


def _is_openedx(context: Json, address: str) -> bool:
    addresses = [address, *(text(mapping(each).get("id")) for each in related(context, "parent", "grouping"))]
    extensions = mapping(context.get("extensions"))
    named = any(mark in name for mark in _OPENEDX_NAMES for name in extensions)
    return named or any(mark in each for mark in _OPENEDX for each in addresses)


def _place_of(thing: Json, openedx: bool) -> str:
    """The id of an activity: for courses and blocks of Open edX the key, otherwise the address."""
    address = text(thing.get("id"))
    if not openedx:
        return address
    plain = unquote(address)
    if "block-v1:" in plain or "i4x:" in plain:
        return block_of(plain[max(0, plain.find("i4x:")) :])
    old = _OLD_COURSE.search(plain)
    course = _course_within(plain) or (old["key"] if old else "")
    return course if course and _type_of(thing) is Activity.COURSE else address


def _course_within(address: str) -> str:
    """The key of the Open edX course that an address leads to or into, or empty."""
    return canonical_course(address) if "-v1:" in address or "-v1%" in address else ""


def attempt_of(statement: Statement) -> int | str:
    """The attempt at an assessment: its number, or what distinguishes it from others.

    An extension gives the number. Moodle relates an activity of the type ``attempt``; package players begin a new
    registration. Those distinguish attempts but do not number them.
    """
    for said in _said_attempts(statement):
        found = number(said)
        if found is not None and found == int(found) and 1 <= found <= _MOST_ATTEMPTS:
            return int(found)
        if text(said):
            return text(said)
    marks = [text(mapping(each).get("id")) for each in _attempt_activities(statement)]
    return next(filter(None, marks), "") or text(statement.context.get("registration")).lower() or 1


def _said_attempts(statement: Statement) -> Iterator[Any]:
    places = [statement.extensions, _short(statement.definition)]
    relations = related(statement.context, "parent", "grouping", "other")
    places += [_short(mapping(mapping(each).get("definition"))) for each in relations]
    return (first(place[name]) for place in places for name in _ATTEMPTS if name in place)


def _attempt_activities(statement: Statement) -> Iterator[Any]:
    return (
        each
        for each in related(statement.context, "parent", "grouping", "other")
        if last_part(text(mapping(mapping(each).get("definition")).get("type"))).lower() == "attempt"
    )
