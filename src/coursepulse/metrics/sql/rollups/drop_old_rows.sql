-- For a rebuild: takes away the rows of one day that the rebuild did not write again.
DELETE FROM session_parts WHERE day = {day:Date} AND version < {cycle:UInt64};
DELETE FROM video_watch WHERE day = {day:Date} AND version < {cycle:UInt64};
DELETE FROM student_watch WHERE day = {day:Date} AND version < {cycle:UInt64};
DELETE FROM student_course_days WHERE day = {day:Date} AND version < {cycle:UInt64};
DELETE FROM student_days WHERE day = {day:Date} AND version < {cycle:UInt64};
DELETE FROM active_days WHERE day = {day:Date} AND version < {cycle:UInt64}
