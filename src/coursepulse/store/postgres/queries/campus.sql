-- The campus: people, courses, roster, teams and consents.

-- name: campus_put_people
-- Inserts or updates people.
-- In the order of the ids: two writers that share people wait for each other instead of deadlocking.
INSERT INTO people (student_id, external_id, name, email, time_zone, is_staff, is_test, organisation_id)
SELECT student_id, external_id, name, email, time_zone, is_staff, is_test, nullif(organisation_id, '')
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    student_id uuid, external_id text, name text, email text, time_zone text, is_staff boolean, is_test boolean,
    organisation_id text
)
ORDER BY student_id
ON CONFLICT (external_id) DO UPDATE SET
    student_id = excluded.student_id,
    name = excluded.name,
    email = excluded.email,
    time_zone = excluded.time_zone,
    is_staff = excluded.is_staff,
    is_test = excluded.is_test,
    organisation_id = excluded.organisation_id

-- name: campus_clear_team_people
-- Empties some teams, which are filled again in the same transaction.
DELETE FROM team_people WHERE team_id = ANY(%(teams)s)

-- name: campus_put_team_people
-- Writes the managers and members of teams.
INSERT INTO team_people (team_id, student_id, manages)
SELECT team_id, student_id, manages
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (team_id text, student_id uuid, manages boolean)
ON CONFLICT DO NOTHING

-- name: campus_find_people
-- People by pseudonym or by the platform's own id.
SELECT student_id, external_id, name, time_zone, is_staff, is_test
FROM people
WHERE student_id = ANY(%(students)s) OR external_id = ANY(%(externals)s)
ORDER BY external_id

-- name: campus_put_organisations
-- Inserts or updates organisations.
INSERT INTO organisations (organisation_id, name)
SELECT organisation_id, name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (organisation_id text, name text)
ORDER BY organisation_id
ON CONFLICT (organisation_id) DO UPDATE SET name = excluded.name

-- name: campus_known_organisations
-- Those of some organisations that exist.
SELECT organisation_id FROM organisations WHERE organisation_id = ANY(%(ids)s)

-- name: campus_all_students
-- What the metrics must know about every person.
SELECT student_id, time_zone, is_staff, is_test FROM people

-- name: campus_erased_since
-- Whether a student was erased at a moment or later.
SELECT EXISTS (SELECT FROM erased_students WHERE tombstone = %(tombstone)s AND erased_at >= %(since)s)

-- name: campus_any_course
-- Whether the roster has any course.
SELECT EXISTS (SELECT FROM courses)

-- name: campus_known_courses
-- Those of some courses that exist.
SELECT course_id FROM courses WHERE course_id = ANY(%(ids)s)

-- name: campus_put_courses
-- Inserts or updates courses, without their parts.
INSERT INTO courses (course_id, title, url, starts_on, ends_on)
SELECT course_id, title, url, starts_on, ends_on
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, title text, url text, starts_on date, ends_on date)
ORDER BY course_id
ON CONFLICT (course_id) DO UPDATE SET
    title = excluded.title,
    url = excluded.url,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on

-- name: campus_catalog_version
-- The newest version of people and courses.
SELECT version FROM catalog_version

-- name: campus_count_change
-- Counts a change of people or courses; publishers watch this number.
UPDATE catalog_version SET version = version + 1

-- name: campus_known_missing
-- The number of current enrolments and teaching from a source, and how many of them a delivery does not name.
SELECT count(*), count(*) FILTER (WHERE delivery IS DISTINCT FROM %(delivery)s)
FROM (
    SELECT delivery
    FROM enrolments
    WHERE source = %(source)s AND status = 'active' AND coalesce(ends_on, 'infinity') >= %(today)s
    UNION ALL
    SELECT delivery
    FROM teaching
    WHERE source = %(source)s AND coalesce(ends_on, 'infinity') >= %(today)s
) AS holding

-- name: campus_titles
-- Titles of courses, where known.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s) AND title <> ''

-- name: campus_all_lessons
-- Every lesson with its place from 0.
SELECT course_id, lesson_id, place - 1 FROM lessons

-- name: campus_clear_lessons
-- Deletes the lessons of some courses, which are inserted again in the same transaction.
DELETE FROM lessons WHERE course_id = ANY(%(courses)s)

-- name: campus_put_lessons
-- Writes the lessons of courses in their order.
INSERT INTO lessons (course_id, lesson_id, title, url, place, skills)
SELECT course_id, lesson_id, title, url, place, skills
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, lesson_id text, title text, url text, place integer, skills text[]
)

-- name: campus_all_videos
-- Every video whose duration is known.
SELECT course_id, video_id, lesson_id, duration_s FROM videos WHERE duration_s IS NOT NULL

-- name: campus_clear_videos
-- Deletes the videos of some courses, which are inserted again in the same transaction.
DELETE FROM videos WHERE course_id = ANY(%(courses)s)

-- name: campus_put_videos
-- Writes the videos of courses.
INSERT INTO videos (course_id, video_id, lesson_id, title, duration_s)
SELECT course_id, video_id, lesson_id, title, duration_s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, video_id text, lesson_id text, title text, duration_s double precision
)

-- name: campus_all_assessments
-- Every quiz and assignment.
SELECT course_id, assessment_id, kind, pass_mark, due_at FROM assessments

-- name: campus_clear_assessments
-- Deletes the assessments of some courses, which are inserted again in the same transaction.
DELETE FROM assessments WHERE course_id = ANY(%(courses)s)

-- name: campus_put_assessments
-- Writes the quizzes and assignments of courses.
INSERT INTO assessments (course_id, assessment_id, title, url, kind, pass_mark, due_at, skills)
SELECT course_id, assessment_id, title, url, kind, pass_mark, due_at, skills
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, assessment_id text, title text, url text, kind text, pass_mark real, due_at timestamptz, skills text[]
)

-- name: campus_clear_changes
-- Deletes the changes of some courses, which are inserted again in the same transaction.
DELETE FROM course_changes WHERE course_id = ANY(%(courses)s)

-- name: campus_put_changes
-- Writes when courses were changed.
INSERT INTO course_changes (course_id, changed_on, lesson_id, title)
SELECT course_id, changed_on, lesson_id, title
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, changed_on date, lesson_id text, title text)

-- name: campus_put_teams
-- Inserts or updates teams, without their people.
INSERT INTO teams (team_id, organisation_id, name)
SELECT team_id, organisation_id, name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (team_id text, organisation_id text, name text)
ORDER BY team_id
ON CONFLICT (team_id) DO UPDATE SET organisation_id = excluded.organisation_id, name = excluded.name

-- name: campus_teams
-- The names of some teams, as far as they belong to an organisation.
SELECT team_id, name FROM teams WHERE team_id = ANY(%(teams)s) AND organisation_id = %(organisation)s

-- name: campus_next_enrolments
-- The number of the next change of enrolments; other writers wait until this change is done.
UPDATE enrolment_revision SET revision = revision + 1

-- name: campus_put_enrolments
-- Inserts or updates enrolments.
-- In the order of the key: two writers that share rows wait for each other instead of deadlocking.
INSERT INTO enrolments (course_id, student_id, status, starts_on, ends_on, source, delivery, ended_on, revision)
SELECT
    course_id, student_id, status, starts_on, ends_on, %(source)s, %(delivery)s,
    CASE status WHEN 'ended' THEN (now() AT TIME ZONE 'UTC')::date END,
    (SELECT revision FROM enrolment_revision)
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, student_id uuid, status text, starts_on date, ends_on date
)
ORDER BY course_id, student_id
ON CONFLICT (course_id, student_id) DO UPDATE SET
    status = excluded.status,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    source = excluded.source,
    delivery = excluded.delivery,
    ended_on = CASE excluded.status WHEN 'ended' THEN coalesce(enrolments.ended_on, excluded.ended_on) END,
    revision = CASE
        WHEN (enrolments.status, enrolments.starts_on, enrolments.ends_on)
            IS DISTINCT FROM (excluded.status, excluded.starts_on, excluded.ends_on) THEN excluded.revision
        ELSE enrolments.revision
    END

-- name: campus_seen_enrolments
-- Records that a delivery names enrolments: in a course, or all of a person if no course is given.
UPDATE enrolments AS e
SET source = %(source)s, delivery = %(delivery)s
FROM (
    SELECT DISTINCT course_id, student_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, student_id uuid)
) AS seen
WHERE e.student_id = seen.student_id
    AND (e.course_id = seen.course_id OR (seen.course_id = '' AND e.source = %(source)s))

-- name: campus_end_enrolments
-- Ends the enrolments that came from a source, hold today, and are not named by its latest delivery.
UPDATE enrolments
SET status = 'ended', ended_on = %(today)s, revision = (SELECT revision FROM enrolment_revision)
WHERE source = %(source)s
    AND delivery IS DISTINCT FROM %(delivery)s
    AND status = 'active'
    AND coalesce(ends_on, 'infinity') >= %(today)s

-- name: campus_move_starts
-- Updates enrolments without a first day, which begin with their course, when the first day of a course changes.
UPDATE enrolments AS e
SET revision = (SELECT revision FROM enrolment_revision)
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, starts_on date)
JOIN courses AS c USING (course_id)
WHERE e.course_id = c.course_id AND e.starts_on IS NULL AND c.starts_on IS DISTINCT FROM given.starts_on

-- name: campus_put_teaching
-- Inserts or updates teaching.
-- In the order of the key: two writers that share rows wait for each other instead of deadlocking.
INSERT INTO teaching (course_id, teacher_id, starts_on, ends_on, listed, source, delivery)
SELECT course_id, teacher_id, starts_on, ends_on, false, %(source)s, %(delivery)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, teacher_id uuid, starts_on date, ends_on date
)
ORDER BY teacher_id, course_id
ON CONFLICT (teacher_id, course_id) DO UPDATE SET
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    listed = false,
    source = excluded.source,
    delivery = excluded.delivery

-- name: campus_seen_teaching
-- Records that a delivery names teaching: in a course, or all of a person if no course is given.
UPDATE teaching AS t
SET source = %(source)s, delivery = %(delivery)s
FROM (
    SELECT DISTINCT course_id, student_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, student_id uuid)
) AS seen
WHERE t.teacher_id = seen.student_id
    AND NOT t.listed
    AND (t.course_id = seen.course_id OR (seen.course_id = '' AND t.source = %(source)s))

-- name: campus_end_teaching
-- Ends, with the day before, the teaching that came from a source, holds today, and is not named by its latest delivery.
UPDATE teaching
SET ends_on = %(today)s - 1,
    starts_on = CASE WHEN starts_on < %(today)s THEN starts_on END
WHERE source = %(source)s
    AND delivery IS DISTINCT FROM %(delivery)s
    AND coalesce(ends_on, 'infinity') >= %(today)s

-- name: campus_clear_listed
-- Deletes the lists of instructors of some courses, which are inserted again in the same transaction.
DELETE FROM teaching WHERE course_id = ANY(%(courses)s) AND listed

-- name: campus_put_listed
-- Inserts the lists of instructors of courses; a separate row with dates is more precise and stays.
INSERT INTO teaching (course_id, teacher_id, listed)
SELECT course_id, teacher_id, true
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, teacher_id uuid)
ON CONFLICT DO NOTHING

-- name: campus_put_consents
-- Adds decisions to the history, except those that are already there or were made before an erasure.
INSERT INTO consents (student_id, purpose, granted, text_version, source, recorded_at)
SELECT student_id, purpose, granted, text_version, source, at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    place integer, student_id uuid, purpose text, granted boolean, text_version text, source text, at timestamptz,
    tombstone text
)
WHERE NOT EXISTS (
    SELECT FROM consents AS old
    WHERE old.student_id = given.student_id
      AND old.purpose = given.purpose
      AND old.recorded_at = given.at
      AND old.granted = given.granted
      AND old.text_version = given.text_version
      AND old.source = given.source
)
AND NOT EXISTS (
    SELECT FROM erased_students AS erased
    WHERE erased.tombstone = decode(given.tombstone, 'hex') AND given.at <= erased.erased_at
)
ORDER BY place

-- name: campus_forget_board_names
-- Deletes the names for leaderboards of those of some students who do not agree to them now.
DELETE FROM leaderboard_names AS chosen
USING jsonb_to_recordset(%(rows)s::jsonb) AS given (student_id uuid, purpose text)
WHERE chosen.student_id = given.student_id AND given.purpose = 'leaderboards'
    AND NOT coalesce((
        SELECT granted
        FROM consents
        WHERE consents.student_id = given.student_id AND consents.purpose = 'leaderboards'
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)

-- name: campus_forget_goals
-- Deletes the goals of those of some students who do not agree to analytics now: nobody could say how they go.
DELETE FROM goals
USING jsonb_to_recordset(%(rows)s::jsonb) AS given (student_id uuid, purpose text)
WHERE goals.student_id = given.student_id AND given.purpose = 'analytics'
    AND NOT coalesce((
        SELECT granted
        FROM consents
        WHERE consents.student_id = given.student_id AND consents.purpose = 'analytics'
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)

-- name: campus_list_consents
-- Every decision of a student, oldest first.
SELECT purpose, granted, text_version, source, recorded_at
FROM consents
WHERE student_id = %(student)s
ORDER BY recorded_at, seq

-- name: campus_newest_consent
-- The number of the newest decision; 0 if there is none.
SELECT coalesce(max(seq), 0) FROM consents

-- name: campus_changed_consents
-- The current consent of each student and purpose with a decision after a given one.
-- The latest by its own time holds; of two at the same moment, the one received last.
SELECT DISTINCT ON (student_id, purpose) student_id, purpose, granted
FROM consents
WHERE (student_id, purpose) IN (SELECT student_id, purpose FROM consents WHERE seq > %(after)s)
ORDER BY student_id, purpose, recorded_at DESC, seq DESC

-- name: campus_new_teaching
-- Teaching that would be new or longer than now. A list of instructors changes nothing if a row has dates.
SELECT DISTINCT 'teaches=' || course_id, teacher_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, teacher_id uuid, starts_on date, ends_on date
)
WHERE coalesce(given.ends_on, 'infinity') >= %(today)s
    AND NOT EXISTS (
        SELECT FROM teaching AS t
        WHERE t.course_id = given.course_id
            AND t.teacher_id = given.teacher_id
            AND (
                %(listed)s
                OR (
                    coalesce(t.starts_on, '-infinity') <= greatest(given.starts_on, %(today)s)
                    AND coalesce(t.ends_on, 'infinity') >= coalesce(given.ends_on, 'infinity')
                )
            )
    )

-- name: campus_new_leading
-- Managers that a team would gain.
SELECT DISTINCT 'leads=' || team_id, student_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (team_id text, student_id uuid, manages boolean)
WHERE manages
    AND NOT EXISTS (
        SELECT FROM team_people AS t
        WHERE t.team_id = given.team_id AND t.student_id = given.student_id AND t.manages
    )

-- name: campus_find_courses
-- Courses whose title or id holds a text.
SELECT course_id, coalesce(nullif(title, ''), course_id) AS title
FROM courses
WHERE strpos(lower(title), lower(%(text)s)) > 0 OR strpos(lower(course_id), lower(%(text)s)) > 0
ORDER BY title, course_id
LIMIT %(limit)s
