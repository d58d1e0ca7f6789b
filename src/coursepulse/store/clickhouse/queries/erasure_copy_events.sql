-- Writes the raw events of the student once more, under the replacement and new ids of sessions, and without the country.
INSERT INTO {table:Identifier}
SELECT * REPLACE (
    (SELECT any(replacement) FROM erasing) AS student_id,
    if(session_id = toUUID('00000000-0000-0000-0000-000000000000'), session_id,
       toUUID(lower(hex(MD5(concat((SELECT any(salt) FROM erasing), toString(session_id))))))) AS session_id,
    '' AS country)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))
