-- The best scores of each learner, in the order in which they were reached.
SELECT course_id, student_id, scores
FROM learner_scores(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
