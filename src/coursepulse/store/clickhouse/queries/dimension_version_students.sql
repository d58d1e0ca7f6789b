-- The version above everything in students.
SELECT max(version) + 1 FROM students
