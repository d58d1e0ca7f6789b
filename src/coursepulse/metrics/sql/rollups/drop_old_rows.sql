-- For a rebuild: takes away the rows of days that the rebuild did not write again.
DELETE FROM session_parts WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64};
DELETE FROM video_watch WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64};
DELETE FROM student_watch WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64};
DELETE FROM student_course_days WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64};
DELETE FROM student_days WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64};
DELETE FROM active_days WHERE day IN {days:Array(Date)} AND version < {cycle:UInt64}
