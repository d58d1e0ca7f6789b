-- Which of some courses had their last day before a day.
SELECT course_id FROM courses WHERE course_id = ANY(%(courses)s) AND ends_on < %(day)s
