-- Which students are in a course by what happened there: enrolled and not left, or learning without any enrolment.
SELECT student_id, NOT gone AS enrolled
FROM members(courses = [{course:String}], students = {students:Array(UUID)}, end = {end:Date})
