"""The simulated campus: the same every time, plausible, and understood by the collector."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from statistics import mean, pstdev
from typing import Any, NamedTuple

import msgspec
import pytest

from coursepulse.campus.board_names import check_board_name, fold_name
from coursepulse.campus.certificates import check_certificate
from coursepulse.campus.consents import consent_checker
from coursepulse.campus.courses import check_course
from coursepulse.campus.goals import GoalKind, check_goal
from coursepulse.campus.people import check_person
from coursepulse.campus.seats import check_budget, check_seats
from coursepulse.campus.target_profiles import check_profile
from coursepulse.campus.trainings import check_training
from coursepulse.definitions.trainings import CertificateState, certificate_state
from coursepulse.events.decode import decode
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import DAY, Micros, to_micros
from coursepulse.privacy.consent import Purpose
from coursepulse.simulator.campus import BATCH, SimulatedCampus
from coursepulse.simulator.company import DRILLS, NEWCOMERS
from coursepulse.simulator.learner import FAMOUS
from coursepulse.simulator.truth import Truth
from coursepulse.simulator.world import World

NOW = to_micros(datetime(2026, 4, 15, 16, 30, tzinfo=UTC))

Event = dict[str, Any]


class Past(NamedTuple):
    campus: SimulatedCampus
    bodies: list[bytes]
    events: list[Event]

    def unique(self) -> list[Event]:
        return list({event["event_id"]: event for event in self.events}.values())

    def sessions(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(self.unique(), key=lambda event: (event["timestamp"], event["event_id"])):
            if event.get("session_id"):
                found[event["session_id"]].append(event)
        return found


@pytest.fixture(scope="module")
def past() -> Past:
    campus = SimulatedCampus.make(seed=3, students=200, courses=12, days=60, now=NOW)
    bodies = list(campus.history())
    return Past(campus, bodies, [event for body in bodies for event in msgspec.json.decode(body)])


def micros(event: Event) -> Micros:
    return to_micros(datetime.fromisoformat(event["timestamp"]))


def fingerprint(bodies: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for body in bodies:
        digest.update(body)
    return digest.hexdigest()


def small(seed: int = 5, now: Micros = NOW) -> SimulatedCampus:
    return SimulatedCampus.make(seed=seed, students=30, courses=5, days=20, now=now)


def test_the_same_seed_makes_the_same_campus() -> None:
    one, two = small(), small()
    assert (one.people(), one.courses(), one.consents()) == (two.people(), two.courses(), two.consents())
    assert fingerprint(one.history()) == fingerprint(two.history()) == fingerprint(one.history())


def test_another_seed_makes_another_campus() -> None:
    assert fingerprint(small(seed=5).history()) != fingerprint(small(seed=6).history())


def test_the_collector_understands_every_event(past: Past) -> None:
    for body in past.bodies:
        decoded = decode(body)
        assert not decoded.rejected
        assert not decoded.dropped
        assert len(decoded.sent) <= BATCH


def test_every_type_of_event_occurs(past: Past) -> None:
    assert {event["event_type"] for event in past.events} == {*TYPES, "x_note_saved"}


def test_the_roster_is_in_order(past: Past) -> None:
    campus = past.campus
    troubles = [trouble for person in campus.people() for trouble in check_person(person)]
    troubles += [trouble for course in campus.courses() for trouble in check_course(course)]
    check = consent_checker(list(Purpose), NOW)
    assert troubles + [trouble for row in campus.consents() for trouble in check(row)] == []


def test_events_name_only_what_the_roster_knows(past: Past) -> None:
    courses = {course.course_id: course for course in past.campus.courses()}
    people = {person.external_id for person in past.campus.people()}
    parts = {
        "lesson_id": {(c.course_id, part.lesson_id) for c in courses.values() for part in c.lessons},
        "video_id": {(c.course_id, part.video_id) for c in courses.values() for part in c.videos},
        "assessment_id": {
            (c.course_id, part.assessment_id) for c in courses.values() for part in c.assessments
        },
    }
    for event in past.events:
        context = event["context"]
        assert event["student_id"] in people
        assert {(context["course_id"], context[name]) for name in parts if name in context} <= set.union(
            *parts.values()
        )


def test_nobody_is_named_in_an_event(past: Past) -> None:
    text = b"".join(past.bodies[::4]).decode().lower()
    for person in past.campus.people():
        assert person.name
        assert person.name.lower() not in text
        assert person.email.lower() not in text
    assert "@" not in text


def test_one_event_in_a_hundred_is_sent_twice(past: Past) -> None:
    texts = Counter(msgspec.json.encode(event) for event in past.events)
    assert len(texts) == len(past.unique()), "two events share an id"
    assert len(past.events) / len(texts) == pytest.approx(1.01, abs=0.002)


def test_ids_order_like_time(past: Past) -> None:
    events = past.unique()
    by_id = sorted(events, key=lambda event: str(event["event_id"]))
    assert all(one["timestamp"] <= two["timestamp"] for one, two in pairwise(by_id))
    assert all(event["event_id"][14] == "7" for event in events)


def test_most_events_arrive_in_order_and_some_much_later(past: Past) -> None:
    seen, late = 0, Counter[bool]()
    for event in past.events:
        at = micros(event)
        late[at < seen - DAY // 48] += 1
        seen = max(seen, at)
    assert 0.002 < late[True] / len(past.events) < 0.05
    assert seen < NOW


def test_a_session_looks_like_a_person_at_work(past: Past) -> None:
    sessions = past.sessions()
    gaps = sorted(micros(b) - micros(a) for events in sessions.values() for a, b in pairwise(events))
    lengths = sorted((micros(events[-1]) - micros(events[0])) / 60e6 for events in sessions.values())
    assert all(events[0]["event_type"] == "session_start" for events in sessions.values())
    assert (
        0.6
        < sum(events[-1]["event_type"] == "session_end" for events in sessions.values()) / len(sessions)
        < 0.9
    )
    assert gaps[len(gaps) // 2] < 35e6, "half of the gaps are a heartbeat or less"
    assert gaps[-1] < 30 * 60e6, "no gap cuts a session in two"
    assert 8 < lengths[len(lengths) // 2] < 40
    assert lengths[-1] < 240


def test_nobody_sits_in_two_places(past: Past) -> None:
    spans: dict[str, list[tuple[Micros, Micros]]] = defaultdict(list)
    for events in past.sessions().values():
        spans[events[0]["student_id"]].append((micros(events[0]), micros(events[-1])))
    for sittings in spans.values():
        assert all(one[1] < two[0] for one, two in pairwise(sorted(sittings)))


def test_a_playhead_never_outruns_the_clock(past: Past) -> None:
    """Between two events of one playback the position moves by wall time x rate, not more."""
    for events in past.sessions().values():
        for before, after in pairwise(events):
            if (before["event_type"], after["event_type"]) == ("video_progress", "video_progress"):
                moved = after["payload"]["current_time"] - before["payload"]["current_time"]
                wall = (micros(after) - micros(before)) / 1e6
                assert 0 < moved <= wall * before["payload"]["playback_rate"] + 0.3
                assert after["payload"]["current_time"] <= after["payload"]["video_duration"] + 0.1


def test_attempts_count_up_to_three(past: Past) -> None:
    attempts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in sorted(past.unique(), key=lambda event: str(event["timestamp"])):
        if event["event_type"] == "quiz_start":
            attempts[event["student_id"], event["context"]["assessment_id"]].append(
                event["payload"]["attempt"]
            )
    assert {tuple(tried) for tried in attempts.values()} == {(1,), (1, 2), (1, 2, 3)}


def test_personas_differ(past: Past) -> None:
    events = Counter(event["student_id"] for event in past.unique())
    counts = sorted(events.values())
    assert counts[len(counts) // 10] * 5 < counts[-len(counts) // 10]
    assert all(events[famous.external_id] > 250 for famous in FAMOUS)


def test_every_zone_and_device_has_students(past: Past) -> None:
    zones = {person.time_zone for person in past.campus.people()}
    assert {"Asia/Kolkata", "America/Los_Angeles", "Europe/Berlin"} <= zones
    assert {event["device"]["type"] for event in past.events if "device" in event} == {
        "desktop",
        "mobile",
        "tablet",
    }


def test_some_players_stay_silent_and_some_report_segments(past: Past) -> None:
    plays = {event["student_id"] for event in past.events if event["event_type"] == "video_complete"}
    pauses = {event["student_id"] for event in past.events if event["event_type"] == "video_pause"}
    reports = [event for event in past.events if event["payload"].get("played_segments")]
    assert plays - pauses
    assert 0.001 < len(reports) / len(past.events) < 0.02


def test_a_manager_leads_students_of_one_company(past: Past) -> None:
    people = {person.external_id: person for person in past.campus.people()}
    (company,), (team, _) = past.campus.organisations(), past.campus.teams()
    assert {people[each].organisation_id for each in team.managers + team.members} == {
        company.organisation_id
    }
    assert 10 < len(team.members) < len(people)
    assert not any(people[each].is_test or people[each].is_staff for each in team.members)
    sharing = {
        row.external_id for row in past.campus.consents() if row.granted and row.purpose == "employer_sharing"
    }
    assert 0 < len(sharing & set(team.members)) < len(team.members)


def test_the_company_has_training_to_take_and_some_are_late(past: Past) -> None:
    """The ground truth is what the events say, whatever order they come in."""
    done: dict[str, dict[str, str]] = defaultdict(dict)
    for event in past.events:
        if event["event_type"] == "course_complete":
            done[event["context"]["course_id"]][event["student_id"]] = event["timestamp"][:10]
    today = datetime(2026, 4, 15, tzinfo=UTC).date()
    (operations, _) = past.campus.teams()
    for drilled in past.campus.company.drilled:
        said = {who: day.isoformat() for who, day in drilled.done.items()}
        assert said == done[drilled.drill.course_id]
    late, running = (each.overdue(operations.members, today) for each in past.campus.company.drilled)
    assert 5 < len(late) < len(operations.members) / 2
    assert running == set(), "not due yet"
    assert {each.external_id for each in NEWCOMERS} <= late


def test_what_the_roster_says_of_the_company_is_in_order(past: Past) -> None:
    campus = past.campus
    troubles = [trouble for row in campus.trainings() for trouble in check_training(row)]
    troubles += [trouble for row in campus.certificates() for trouble in check_certificate(row)]
    troubles += [trouble for row in campus.profiles() for trouble in check_profile(row)]
    troubles += [trouble for row in campus.seats() for trouble in check_seats(row)]
    assert troubles + [trouble for row in campus.budgets() for trouble in check_budget(row)] == []
    today = datetime(2026, 4, 15, tzinfo=UTC).date()
    skills = {each for course in campus.courses() for work in course.assessments for each in work.skills}
    wanted = {need.skill for profile in campus.profiles() for need in profile.needs if need.skill}
    assert wanted <= skills
    states = Counter(certificate_state(row.expires_on, today) for row in campus.certificates())
    assert set(states) == set(CertificateState)


def test_there_are_testers_teachers_and_refusals(past: Past) -> None:
    people = past.campus.people()
    assert {person.role.value for person in people} == {"student", "instructor", "staff"}
    assert any(person.is_test for person in people)
    refusals = [row for row in past.campus.consents() if row.purpose == "analytics" and not row.granted]
    assert 0 < len(refusals) < len(people) * 0.08


def test_most_agree_to_suggestions_and_those_of_the_demo_all_do(past: Past) -> None:
    rows = [row for row in past.campus.consents() if row.purpose == "personalisation"]
    assert 0.55 < sum(row.granted for row in rows) / len(rows) < 0.95
    known = {famous.external_id for famous in FAMOUS}
    assert all(row.granted for row in rows if row.external_id in known)


def test_a_third_is_on_leaderboards_under_names_of_their_own(past: Past) -> None:
    rows = past.campus.board_names()
    assert len(rows) > len(past.campus.people()) * 0.3
    assert [trouble for row in rows for trouble in check_board_name(row)] == []
    assert len({fold_name(row.name) for row in rows}) == len(rows)
    agreed = {
        row.external_id for row in past.campus.consents() if row.purpose == "leaderboards" and row.granted
    }
    assert agreed == {row.external_id for row in rows} >= {famous.external_id for famous in FAMOUS}


@pytest.mark.long
def test_the_default_campus_has_about_a_million_events() -> None:
    campus = SimulatedCampus.make(now=NOW)
    events = sum(body.count(b'{"event_id":"') for body in campus.history())
    assert 950_000 < events < 1_100_000
    assert events == pytest.approx(campus.size, rel=0.08)
    assert len(campus.courses()) == 60 + len(DRILLS)
    assert sum(person.role == "student" for person in campus.people()) == 2000 + len(NEWCOMERS)


def test_the_present_goes_on_with_new_events_and_no_faster_than_asked(past: Past) -> None:
    seen = {event["event_id"] for event in past.events}
    minutes: Counter[int] = Counter()
    for tick in islice(past.campus.live(rate=1.0), 700):
        events = msgspec.json.decode(tick.body)
        minutes[(tick.at - NOW // 1000) // 60_000] += len(events)
        new = [event for event in events if event["timestamp"] > "2026-04-15T16:30"]
        assert not seen & {event["event_id"] for event in new}
    assert len(minutes) > 10
    assert max(minutes.values()) < 2 * 60


def test_students_of_the_present_live_by_their_personas() -> None:
    """At noon UTC it is night in Los Angeles, and who quit does not come back however many events are wanted."""
    noon = to_micros(datetime(2026, 4, 15, 12, 0, tzinfo=UTC))
    campus = SimulatedCampus.make(seed=5, students=300, courses=5, days=20, now=noon)
    past = {event["student_id"] for body in campus.history() for event in msgspec.json.decode(body)}
    zones = {person.external_id: person.time_zone for person in campus.people()}
    begun: dict[str, str] = {}
    for tick in islice(campus.live(rate=50.0), 2000):
        for event in msgspec.json.decode(tick.body):
            if event["event_type"] == "session_start" and event["timestamp"] > "2026-04-15T12":
                begun[event["student_id"]] = event["timestamp"]
    awake = [student for student, at in begun.items() if at < "2026-04-15T13"]
    assert len(begun) > 10
    assert "America/Los_Angeles" not in {zones[student] for student in awake}
    assert len(begun) < len(past) / 2


def test_the_present_continues_without_the_history_in_memory() -> None:
    after, fresh = small(), small()
    assert list(after.history())
    assert list(islice(after.live(3.0), 50)) == list(islice(fresh.live(3.0), 50))


def test_a_gap_between_past_and_present_is_filled_first() -> None:
    start = NOW + 2 * DAY
    ticks = list(islice(small().live(2.0, start), 300))
    times = [tick.at for tick in ticks]
    assert times == sorted(times)
    assert times[0] < NOW // 1000 + DAY // 2000
    assert times[-1] > start // 1000


def test_students_of_the_demo_and_others_who_agree_have_goals(past: Past) -> None:
    goals = past.campus.goals()
    assert not [trouble for goal in goals for trouble in check_goal(goal)]
    agreed = {
        row.external_id
        for row in sorted(past.campus.consents(), key=lambda row: row.at)
        if row.purpose == Purpose.ANALYTICS and row.granted
    }
    people = {goal.external_id for goal in goals}
    assert people <= agreed
    assert {FAMOUS[0].external_id} < people
    enrolled = {
        (event["student_id"], event["context"]["course_id"])
        for event in past.events
        if event["event_type"] == "course_enroll"
    }
    finishing = [goal for goal in goals if goal.kind is GoalKind.FINISH_COURSE]
    assert {(goal.external_id, goal.course_id) for goal in finishing} <= enrolled


def test_a_course_tests_enough_skills_for_a_picture(past: Past) -> None:
    tested = [
        {each for work in course.assessments for each in work.skills} for course in past.campus.courses()
    ]
    assert max(map(len, tested)) >= 3


def test_one_thread_in_five_finds_no_answer(past: Past) -> None:
    threads: dict[bool, set[str]] = {True: set(), False: set()}
    for event in past.unique():
        if event["event_type"] in ("forum_post", "forum_reply"):
            threads[event["event_type"] == "forum_reply"].add(event["payload"]["thread_id"])
    waiting = threads[False] - threads[True]
    assert {thread for thread in threads[False] if int(thread.rpartition("-t")[2]) % 5 == 0} <= waiting
    assert threads[True]


def test_wrong_answers_have_a_favourite_and_a_choice_that_nobody_takes(past: Past) -> None:
    chosen: dict[str, Counter[str]] = defaultdict(Counter)
    for event in past.unique():
        if event["event_type"] == "quiz_answer":
            said = event["payload"]
            chosen[said["question_id"]][said["answer_id"]] += 1
    told = {
        question.question_id: question.choices
        for offering in past.campus.offerings
        for quiz in offering.quizzes
        for question in quiz.questions
    }
    wrong = Counter[int]()
    for question, counts in chosen.items():
        for choice, number in counts.items():
            wrong[told[question].index(choice)] += number
    total = wrong[1] + wrong[2] + wrong[3]
    assert 0.55 < wrong[1] / total < 0.69
    assert wrong[3] / total < 0.05


def test_many_stop_at_the_hard_lesson(past: Past) -> None:
    """Of those who have completed no lesson for two weeks, more had come to the hard one than to any other near it."""
    done: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for event in past.unique():
        if event["event_type"] == "lesson_complete":
            at = datetime.fromisoformat(event["timestamp"])
            done[event["student_id"], event["context"]["course_id"]].append(at)
    hard = {offering.course_id: offering.hard for offering in past.campus.offerings}
    away = Counter(
        len(completed) - hard[course]
        for (_, course), completed in done.items()
        if course in hard and max(completed) < datetime(2026, 4, 1, tzinfo=UTC)
    )
    assert away[0] == max(away.values())
    assert away[0] > 2 * max(away[1], away[2])


def test_every_event_of_a_session_says_where_it_was(past: Past) -> None:
    """Countries go with time zones, a few platforms name none, and what a back end sends has none."""
    homes = {each.external_id: each.country for each in past.campus.truth().learners}
    zones = {person.external_id: person.time_zone for person in past.campus.people()}
    for event in past.events:
        home = homes.get(event["student_id"], "")
        assert event.get("country", "") == (home if event.get("session_id") else "")
    assert {"DE", "IN", "BR", "NG", "US", "GB", ""} < set(homes.values())
    assert {zones[who] for who, home in homes.items() if home == "JP"} == {"Asia/Tokyo"}


def test_what_waits_during_the_outage_comes_at_once_afterwards(past: Past) -> None:
    outage = past.campus.truth().outage
    seen = [event["timestamp"] for event in past.unique()]
    assert any(outage.begin.isoformat() <= at < outage.end.isoformat() for at in seen), "people went on"
    hours = Counter[int]()
    world = World(past.campus._cast)
    for delivered in world.run(NOW // 1000):
        hours.update(at // 3_600_000 for at, _ in delivered)
    begin, end = (int(each.timestamp()) // 3600 for each in (outage.begin, outage.end))
    assert not any(hours[hour] for hour in range(begin, end))
    assert hours[end] > max(hours[end - 24], hours[end + 24])


def test_a_course_cannot_be_reached_on_the_bad_day(past: Past) -> None:
    (closed,) = (course for course in past.campus.truth().courses if course.closed_on)
    days = Counter(
        event["timestamp"][:10]
        for event in past.unique()
        if event["context"].get("course_id") == closed.course_id and event.get("session_id")
    )
    day = str(closed.closed_on)
    assert closed.closed_on is not None
    assert closed.closed_on.weekday() < 5
    assert days[day] < min(days[str(closed.closed_on + timedelta(days=each))] for each in (-7, 7)) / 5


def test_fewer_stop_once_the_hard_lesson_was_made_anew() -> None:
    """Of those who come to it after the change, against those who came before: the truth says four in five go on."""
    campus = SimulatedCampus.make(seed=11, students=250, courses=4, days=60, now=NOW)
    events = [event for body in campus.history() for event in msgspec.json.decode(body)]
    stopped = {False: [0, 0], True: [0, 0]}
    for course, offering in zip(campus.truth().courses, campus.offerings, strict=True):
        if course.changed_on is None:
            continue
        before, hard = (offering.units[place].lesson_id for place in (offering.hard - 1, offering.hard))
        came = {
            event["student_id"]: event["timestamp"][:10]
            for event in events
            if event["event_type"] == "lesson_complete" and event["context"]["lesson_id"] == before
        }
        passed = {
            event["student_id"]
            for event in events
            if event["event_type"] == "lesson_complete" and event["context"]["lesson_id"] == hard
        }
        for who, day in came.items():
            if day < "2026-04-01":
                stopped[day >= str(course.changed_on)][who in passed] += 1
    shares = {new: done / (done + not_done) for new, (not_done, done) in stopped.items()}
    assert sum(stopped[True]) > 20
    assert shares[True] > shares[False] + 0.1


@pytest.mark.long
def test_a_message_brings_back_a_quarter_of_those_who_would_have_stayed_away() -> None:
    """Where a draw decides, those written to at once come back more often, by about what the truth says."""
    back = {True: [0, 0], False: [0, 0]}
    for seed in range(4):
        campus = SimulatedCampus.make(seed=seed, students=500, courses=6, days=60, now=NOW)
        days: dict[tuple[str, str], set[str]] = defaultdict(set)
        for body in campus.history():
            for event in msgspec.json.decode(body):
                if event.get("session_id") and "course_id" in event["context"]:
                    days[event["student_id"], event["context"]["course_id"]].add(event["timestamp"][:10])
        for each in campus.truth().messages:
            if each.drawn and each.listed_at < datetime(2026, 4, 8, tzinfo=UTC):
                after = {str(each.listed_at.date() + timedelta(days=ahead)) for ahead in range(1, 8)}
                found = bool(after & days[each.external_id, each.course_id])
                back[each.written_at == each.listed_at][found] += 1
    now, later = (back[each][1] / sum(back[each]) for each in (True, False))
    assert sum(map(sum, back.values())) > 300
    assert (now - later) / (1 - later) == pytest.approx(0.25, abs=0.09)


def test_where_the_teacher_chooses_diligent_students_are_written_to(past: Past) -> None:
    diligent = {each.external_id: each.diligence for each in past.campus._cast.learners}
    sides: dict[bool, list[float]] = {True: [], False: []}
    for each in past.campus.truth().messages:
        if not each.drawn:
            sides[each.written_at is not None].append(diligent[each.external_id])
    means = {written: sum(found) / len(found) for written, found in sides.items()}
    assert means[True] > means[False] + 0.05


def test_the_truth_is_in_a_file_and_in_no_event(past: Past) -> None:
    told = msgspec.json.encode(past.campus.truth())
    assert msgspec.json.decode(told, type=Truth) == past.campus.truth() == small_again(past)
    sent = b"".join(past.bodies)
    assert not any(word in sent for word in (b"ability", b"hazard", b"persona", b"difficulty", b"helped"))


def small_again(past: Past) -> Truth:
    """The truth of the same campus whose history nobody has asked for."""
    cast = past.campus._cast
    return SimulatedCampus(cast, cast.days, NOW // 1000).truth()


def test_marks_of_assignments_are_spread_like_real_ones(past: Past) -> None:
    """Those of OULAD have a mean of 72 and a standard deviation of 17."""
    marks = [
        event["payload"]["score"] for event in past.unique() if event["event_type"] == "assignment_graded"
    ]
    assert mean(marks) == pytest.approx(72, abs=4)
    assert pstdev(marks) == pytest.approx(17, abs=3)
