-- The next students who agree, by id, each with the version of the newest of its days. In the order of the table, so that
-- a page reads little more than itself.
SELECT student_id, max(version) AS version
FROM student_days
WHERE student_id > {after:UUID} AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
GROUP BY student_id
ORDER BY student_id
LIMIT {some:UInt32}
SETTINGS optimize_aggregation_in_order = 1
