-- Whether a student is in a course: enrolled and not left, or learning there without any enrolment.
SELECT NOT gone AS enrolled
FROM members(courses = [{course:String}], students = {students:Array(UUID)}, end = {end:Date})
