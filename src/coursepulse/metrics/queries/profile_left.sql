-- Who of some students does not agree to analytics.
SELECT student_id FROM not_agreed FINAL WHERE student_id IN {students:Array(UUID)}
