-- Answers of some students that came with a verdict, in per cent correct.
SELECT student_id, 100 * countIf(correct) / count() AS accuracy
FROM quiz_answers FINAL
WHERE course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)} AND correct IS NOT NULL
GROUP BY student_id
