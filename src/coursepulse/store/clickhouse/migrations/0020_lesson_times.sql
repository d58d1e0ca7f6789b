-- How long students worked at each lesson, beside the rest that a rollup of days holds.
ALTER TABLE session_parts
    ADD COLUMN IF NOT EXISTS lesson_times Array(Tuple(lesson_id String, micros Int64)) COMMENT 'time on task by the lesson that the event names';

ALTER TABLE student_course_days
    ADD COLUMN IF NOT EXISTS lesson_times Array(Tuple(lesson_id String, micros Int64)) COMMENT 'time on task by the lesson that the event names';

ALTER TABLE student_days
    ADD COLUMN IF NOT EXISTS lesson_times Array(Tuple(lesson_id String, micros Int64)) COMMENT 'time on task by the lesson that the event names';
