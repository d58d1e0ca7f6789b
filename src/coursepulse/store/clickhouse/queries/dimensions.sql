-- Copies of the campus.

-- name: dimension_version_time_zones
-- The version above everything in time_zones.
SELECT max(version) + 1 FROM time_zones

-- name: dimension_remove_students
-- Removes rows of students older than a version.
INSERT INTO students (student_id, version, removed)
SELECT student_id, {version:UInt64}, 1 FROM students FINAL WHERE version < {version:UInt64}

-- name: dimension_version_students
-- The version above everything in students.
SELECT max(version) + 1 FROM students

-- name: dimension_remove_lessons
-- Removes rows of course_lessons older than a version.
INSERT INTO course_lessons (course_id, lesson_id, version, removed)
SELECT course_id, lesson_id, {version:UInt64}, 1 FROM course_lessons FINAL WHERE version < {version:UInt64}

-- name: dimension_version_lessons
-- The version above everything in course_lessons.
SELECT max(version) + 1 FROM course_lessons

-- name: dimension_remove_videos
-- Removes rows of course_videos older than a version.
INSERT INTO course_videos (course_id, video_id, version, removed)
SELECT course_id, video_id, {version:UInt64}, 1 FROM course_videos FINAL WHERE version < {version:UInt64}

-- name: dimension_version_videos
-- The version above everything in course_videos.
SELECT max(version) + 1 FROM course_videos

-- name: dimension_remove_assessments
-- Removes rows of course_assessments older than a version.
INSERT INTO course_assessments (course_id, assessment_id, version, removed)
SELECT course_id, assessment_id, {version:UInt64}, 1 FROM course_assessments FINAL WHERE version < {version:UInt64}

-- name: dimension_version_assessments
-- The version above everything in course_assessments.
SELECT max(version) + 1 FROM course_assessments
