-- Renews the lists of lessons that have changed.
INSERT INTO course_orders (course_id, lessons, cataloged, version)
SELECT course_id, argMax(lessons, fresh), argMax(cataloged, fresh), {cycle:UInt64}
FROM
(
    SELECT course_id, lessons, cataloged, 1 AS fresh FROM lesson_lists
    UNION ALL
    SELECT course_id, lessons, cataloged, 0 AS fresh FROM course_orders FINAL
)
GROUP BY course_id
-- known to the view alone, in another order, or by the catalog now
HAVING min(fresh) = 1 OR uniqExact(lessons, cataloged) > 1
