-- How hard questions are, and how people learn in each course, day by day as they were fitted: what mastery is worked out with.
CREATE TABLE IF NOT EXISTS question_levels
(
    course_id      LowCardinality(String),
    fitted_on      Date COMMENT 'UTC day; the last fit of a day holds',
    assessment_id  String,
    question_id    String,
    skills         Array(String) COMMENT 'what it tests: as the catalog says, or else its assessment',
    difficulty     Float64 COMMENT 'ability at which half are right, 0 for the mean student of the course',
    difficulty_var Float64,
    slope          Float64 COMMENT 'how sharply it tells abilities apart, 1 in the mean',
    slope_var      Float64,
    rasch          Nullable(Float64) COMMENT 'difficulty by the model of Rasch, of first answers',
    rasch_error    Nullable(Float64),
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, fitted_on, assessment_id, question_id);

CREATE TABLE IF NOT EXISTS course_habits
(
    course_id  LowCardinality(String),
    fitted_on  Date,
    answers    UInt64 COMMENT 'that the fit is made of',
    questions  UInt64,
    skill_map  UInt64 COMMENT 'fingerprint of which question tests what',
    habits     Array(Float64) COMMENT 'as definitions/mastery/model.py names them, in this order',
    curve      Array(Float64) COMMENT 'sets the chances right',
    version    UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, fitted_on);
