-- For a rebuild: takes away the parts of one day that the rebuild did not write again.
DELETE FROM session_parts
WHERE day = {day:Date} AND version < {cycle:UInt64} AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32};
DELETE FROM video_watch
WHERE day = {day:Date} AND version < {cycle:UInt64} AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
