-- For a rebuild: takes away the course days of one day that the rebuild did not write again.
DELETE FROM student_course_days
WHERE day = {day:Date} AND version < {cycle:UInt64} AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32};
DELETE FROM student_days
WHERE day = {day:Date} AND version < {cycle:UInt64} AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32};
DELETE FROM active_days
WHERE day = {day:Date} AND version < {cycle:UInt64} AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
