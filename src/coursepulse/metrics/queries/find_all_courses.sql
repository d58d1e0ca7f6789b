-- Every course with any event.
SELECT groupUniqArray(course_id) AS courses FROM active_days WHERE course_id != ''
