-- Writes courses, new or changed, without what they are made of.
INSERT INTO courses (course_id, title, starts_on, ends_on)
SELECT course_id, title, starts_on, ends_on
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, title text, starts_on date, ends_on date)
ORDER BY course_id
ON CONFLICT (course_id) DO UPDATE SET
    title = excluded.title,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on
