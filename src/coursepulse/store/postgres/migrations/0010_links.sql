-- Where courses, lessons and assessments are on the learning platform, so that a suggestion leads to the task itself.
ALTER TABLE courses ADD COLUMN url text NOT NULL DEFAULT '';
ALTER TABLE lessons ADD COLUMN url text NOT NULL DEFAULT '';
ALTER TABLE assessments ADD COLUMN url text NOT NULL DEFAULT '';
