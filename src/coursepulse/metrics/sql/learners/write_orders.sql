-- Renews the lists of lessons that have changed.
INSERT INTO course_orders
SELECT course_id, argMax(lessons, fresh), {cycle:UInt64}
FROM
(
    SELECT course_id, lessons, 1 AS fresh FROM lesson_lists
    UNION ALL
    SELECT course_id, lessons, 0 AS fresh FROM course_orders FINAL
)
GROUP BY course_id
-- known to the view alone, or in another order
HAVING min(fresh) = 1 OR uniqExact(lessons) > 1
