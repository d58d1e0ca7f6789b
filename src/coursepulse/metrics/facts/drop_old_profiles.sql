-- Profiles that a rebuild has not made again: of their students nothing is known any more.
DELETE FROM student_analytics_profiles WHERE version < %(version)s
