-- Events of a benchmark, made by the database.

-- name: fill_events
-- Sessions `first` to `last` of a synthetic campus: 30 events each, some 80 s apart, spread evenly over the days.
-- A session is watching two lessons' videos and answering a quiz; 5,000 students meet in course-0 every other time.
INSERT INTO events
    (event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id, device_type, os,
     browser, position, position_to, duration, rate, score, attempt, question_id, correct, clicks)
WITH
    intDiv(number, 30) AS session,
    number % 30 AS step,
    session * 7919 % {students:UInt64} AS student,
    if(student < 5000 AND intDiv(session, {students:UInt64}) % 2 = 0, 'course-0', concat('course-', toString(1 + student % {others:UInt64}))) AS course,
    concat('lesson-', toString((intDiv(session, {students:UInt64}) * 2 + intDiv(step, 15)) % 30)) AS lesson,
    if(step % 15 = 0, 'lesson_start', if(step % 15 = 14, 'lesson_complete', if(step % 15 = 1, 'video_play',
       if(step % 15 = 10, 'video_pause', if(step % 15 < 10, 'video_progress', if(step % 15 = 13, 'quiz_submit',
       'quiz_answer')))))) AS kind,
    startsWith(kind, 'video') AS video,
    startsWith(kind, 'quiz') AS quiz
SELECT
    generateUUIDv7(number),
    kind,
    toDateTime64({first_day:Date}, 6, 'UTC') + toIntervalMicrosecond(toUInt64(
        {days:UInt64} * 86400. * 1e6 * {filled:Float64} * session / {sessions:UInt64}
        + step * 80000000 + cityHash64(number) % 60000000)),
    toUUID(lower(hex(MD5(concat('student-', toString(student)))))),
    toUUID(lower(hex(MD5(concat('session-', toString(session)))))),
    course, lesson,
    if(video, concat(course, '-', lesson, '-video'), ''),
    if(quiz, concat(lesson, '-quiz'), ''),
    ['desktop', 'mobile'][1 + session % 2], ['Windows 11', 'Android 16', 'iOS 26'][1 + session % 3],
    ['Chrome 142', 'Safari 26'][1 + session % 2],
    if(video, (step % 15 - 1) * 60 + (cityHash64(number) % 1000) / 1000., NULL), NULL,
    if(video, 600, NULL), if(kind = 'video_play', 1., NULL),
    if(kind = 'quiz_submit', 40 + cityHash64(session) % 60, NULL), 1,
    if(kind = 'quiz_answer', concat('q', toString(step % 15)), ''),
    if(kind = 'quiz_answer', cityHash64(number) % 3 > 0, NULL), 1
FROM numbers({first:UInt64} * 30, ({last:UInt64} - {first:UInt64}) * 30)
