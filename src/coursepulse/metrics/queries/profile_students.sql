-- The next students who agree, by id, each with the version of the newest of its days, 0 when the roster alone names them.
-- Each half in the order of its table, so that a page reads little more than itself.
SELECT student_id, max(newest) AS version
FROM
(
    SELECT student_id, max(version) AS newest
    FROM student_days
    WHERE student_id > {after:UUID} AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
    GROUP BY student_id
    ORDER BY student_id
    LIMIT {some:UInt32}
    UNION ALL
    SELECT DISTINCT student_id, toUInt64(0) AS newest
    FROM roster_enrolments
    WHERE student_id > {after:UUID} AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
    ORDER BY student_id
    LIMIT {some:UInt32}
)
GROUP BY student_id
ORDER BY student_id
LIMIT {some:UInt32}
SETTINGS optimize_aggregation_in_order = 1
