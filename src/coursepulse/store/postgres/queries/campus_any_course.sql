-- Whether the roster has any course.
SELECT EXISTS (SELECT FROM courses)
