-- Session parts of the touched days, from the raw events of their sessions: learning/parts.py in SQL.
INSERT INTO fresh_parts
WITH
    -- arrays of (id, number, ...) in order: the first, or the last, of each (id, number)
    (xs -> arrayFilter((x, i) -> i = 1 OR (x.1, x.2) != (xs[i - 1].1, xs[i - 1].2), xs, arrayEnumerate(xs))) AS keep_first,
    (xs -> arrayFilter((x, i) -> i = length(xs) OR (x.1, x.2) != (xs[i + 1].1, xs[i + 1].2), xs, arrayEnumerate(xs))) AS keep_last,

    -- Each event once for every day that it helps to judge, with only the columns that order and time depend on.
    windowed AS
    (
        SELECT
            touched.n AS n, touched.day AS day, course_id, event_type,
            toUnixTimestamp64Micro(at) AS us,
            UUIDToNum(event_id) AS tie,
            startsWith(event_type, 'video_') AS is_video,
            if(is_video, video_id, '') AS video,
            if(event_type = 'video_seek', position_to, position) AS left_at,
            position, duration, rate
        FROM session_events
        INNER JOIN touched_days AS touched USING (student_id, session_id)
        WHERE session_id != toUUID('00000000-0000-0000-0000-000000000000')
          AND toDate(at) BETWEEN touched.day - 1 AND touched.day + 1
    ),

    -- A run begins after a silence of more than 30 minutes ...
    beside AS
    (
        SELECT
            *,
            us - lagInFrame(us, 1, us - 1800000001) OVER ordered > 1800000000 AS begins,
            leadInFrame(us, 1, us + 1800000001) OVER ordered AS next_us
        FROM windowed
        WINDOW ordered AS (PARTITION BY n ORDER BY us, tie ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    runs AS
    (
        SELECT *, max(if(begins, us, 0)) OVER ordered AS run_start
        FROM beside
        WINDOW ordered AS (PARTITION BY n ORDER BY us, tie ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    -- ... and is cut every 24 hours. `session` is the moment of the last cut: unique within a window.
    sessions AS
    (
        SELECT
            * EXCEPT (begins, run_start),
            run_start + 86400000000 * intDiv(us - run_start, 86400000000) AS session,
            next_us - us <= 1800000000 AND next_us - session < 86400000000 AS has_next
        FROM runs
    ),
    -- The player after each video event: learning/playback.py.
    players AS
    (
        SELECT
            * EXCEPT (position, duration, rate),
            ifNull(anyLast(multiIf(event_type IN ('video_play', 'video_progress'), true,
                                   event_type IN ('video_pause', 'video_complete'), false,
                                   NULL)) OVER so_far, false) AND is_video AS playing,
            ifNull(anyLast(rate) OVER so_far, 1) AS speed,
            max(nullIf(duration, 0)) OVER whole AS length,
            leadInFrame(us, 1, 0) OVER whole AS tells_us,
            leadInFrame(position, 1, NULL) OVER whole AS tells_position
        FROM sessions
        WINDOW
            so_far AS (PARTITION BY n, session, is_video, course_id, video ORDER BY us, tie
                       ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
            whole AS (PARTITION BY n, session, is_video, course_id, video ORDER BY us, tie
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    -- Time on task and played segments: learning/time_on_task.py and learning/segments.py.
    opened AS
    (
        SELECT
            n, day, course_id, session, us,
            toDate(fromUnixTimestamp64Micro(us, 'UTC')) = day AS today,
            multiIf(event_type IN {video_types:Array(String)}, 'video',
                    event_type IN {quiz_types:Array(String)}, 'quiz', 'reading') AS kind,
            multiIf(event_type = 'session_end', 0,
                    NOT playing, 300,
                    length IS NULL OR left_at IS NULL, 1800,
                    least(1800, greatest(300, (length - left_at) / speed))) AS cap,
            if(has_next, least(next_us - us, toInt64(floor(assumeNotNull(cap) * 1e6))), 0) AS credit,
            if(tells_us > 0, tells_us, next_us) - us AS wall_us,
            wall_us / 1e6 AS wall,
            left_at AS start_s,
            if(tells_us > 0 AND ifNull(tells_position >= start_s, false), tells_position, start_s + least(wall, 300) * speed) AS told,
            least(told, start_s + wall * speed + 5, ifNull(length, told)) AS end_s,
            playing AND has_next AND video != '' AND ifNull(end_s - start_s >= 0.25, false) AND wall >= 0.25 AS played,
            (video, assumeNotNull(start_s), assumeNotNull(end_s)) AS segment
        FROM players
    ),
    visits AS
    (
        SELECT
            n, course_id,
            toDate(fromUnixTimestamp64Micro(min(us), 'UTC')) = any(day) AS begun,
            max(us) - min(us) AS micros,
            sumIf(credit, today AND kind = 'video') AS time_video,
            sumIf(credit, today AND kind = 'quiz') AS time_quiz,
            sumIf(credit, today AND kind = 'reading') AS time_reading,
            groupArrayIf(segment, today AND played) AS segments
        FROM opened
        GROUP BY n, course_id, session
    ),
    timed AS
    (
        SELECT
            n, course_id,
            countIf(begun) AS visits,
            sumIf(micros, begun) AS visit_micros,
            sum(time_video) AS time_video,
            sum(time_quiz) AS time_quiz,
            sum(time_reading) AS time_reading,
            arraySort(groupArrayArray(segments)) AS segments
        FROM visits
        GROUP BY n, course_id
    ),
    facts AS
    (
        SELECT
            n, course_id,
            any(student_id) AS student_id,
            any(session_id) AS session_id,
            any(day) AS day,
            min(at) AS first_at,
            max(at) AS last_at,
            maxIf(toNullable(at), learns) AS last_learning_at,
            count() AS events,
            countIf(learns) AS learning_events,
            sumIf(e.clicks, learns) AS clicks,
            arraySort(groupUniqArrayIf(toUInt8(intDiv(toUnixTimestamp(at) % 86400, 900)), learns)) AS quarter_hours,
            arraySort(groupUniqArrayIf(lesson_id, event_type IN ('lesson_start', 'lesson_complete') AND lesson_id != '')) AS lessons_started,
            arraySort(groupUniqArrayIf(lesson_id, event_type = 'lesson_complete' AND lesson_id != '')) AS lessons_completed,
            arraySort(groupUniqArrayIf(video_id, is_video)) AS video_ids,
            groupArrayIf((video_id, assumeNotNull(duration)), is_video AND ifNull(duration > 0, false)) AS durations,
            -- of several reports about one video the last in this order wins
            arraySort(groupArrayIf((video_id, toInt64(arraySum(piece -> floor((piece.2 - piece.1) * 1e6), pieces)), at, tie,
                                    pieces, event_id), is_video AND notEmpty(pieces))) AS reports,
            keep_first(arraySort(groupArrayIf(try, event_type IN ('quiz_start', 'quiz_answer', 'quiz_submit') AND assessment_id != ''))) AS quiz_attempts,
            keep_last(arraySort(groupArrayIf(outcome, event_type = 'quiz_submit' AND assessment_id != ''))) AS quiz_results,
            keep_first(arraySort(groupArrayIf(try, event_type = 'assignment_submit' AND assessment_id != ''))) AS submissions,
            keep_last(arraySort(groupArrayIf(outcome, event_type = 'assignment_graded' AND assessment_id != ''))) AS grades,
            countIf(event_type = 'forum_post') AS forum_posts,
            countIf(event_type = 'forum_reply') AS forum_replies,
            countIf(event_type = 'forum_view') AS forum_views,
            countIf(event_type = 'live_session_join') AS live_joins,
            countIf(event_type = 'interactive_attempt') AS interactive_attempts
        FROM
        (
            SELECT
                * EXCEPT (segments),
                UUIDToNum(event_id) AS tie,
                event_type IN {learning_types:Array(String)} AS learns,
                startsWith(event_type, 'video_') AND video_id != '' AS is_video,
                arraySort(arrayFilter(piece -> piece.2 > piece.1, segments)) AS pieces,
                (assessment_id, attempt, at) AS try,
                (assessment_id, attempt, at, tie, event_id, score, passed) AS outcome
            FROM session_events
            INNER JOIN touched_days USING (student_id, session_id)
            WHERE toDate(at) = day
        ) AS e
        GROUP BY n, course_id
    )
SELECT
    day, student_id, session_id, course_id,
    {cycle:UInt64} AS version,
    first_at, last_at, last_learning_at, events, learning_events, clicks, quarter_hours,
    visits, visit_micros, time_video, time_quiz, time_reading,
    lessons_started, lessons_completed,
    arrayMap(v -> v.1, arrayFilter(v -> notEmpty(v.3) OR notEmpty(v.4), videos)) AS videos_watched,
    quiz_attempts,
    arrayMap(r -> (r.1, r.2, r.3, r.5, r.6, r.7), quiz_results) AS quiz_results,
    submissions,
    arrayMap(r -> (r.1, r.2, r.3, r.5, r.6, r.7), grades) AS grades,
    forum_posts, forum_replies, forum_views, live_joins, interactive_attempts,
    arrayMap(
        (id, report) -> (
            id,
            nullIf(arrayMax(arrayMap(d -> if(d.1 = id, d.2, 0.), durations)), 0),
            arrayMap(s -> (s.2, s.3), arrayFilter(s -> s.1 = id, segments)),
            report.5,
            report.2,
            if(empty(report.5), NULL, report.3),
            if(empty(report.5), NULL, report.6)),
        video_ids,
        arrayMap(id -> arrayLast(r -> r.1 = id, reports), video_ids)) AS videos
FROM facts
LEFT JOIN timed USING (n, course_id)
