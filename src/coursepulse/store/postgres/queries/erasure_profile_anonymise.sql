-- Puts the replacement in the place of a student in the profiles.
UPDATE student_analytics_profiles SET student_id = %(replacement)s WHERE student_id = %(student)s
