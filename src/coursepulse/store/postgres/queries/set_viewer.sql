-- Say for whom this transaction reads: the policies of row-level security ask.
SELECT
    set_config('coursepulse.viewer_role', %(role)s, true),
    set_config('coursepulse.viewer_student', %(student)s, true),
    set_config('coursepulse.viewer_courses', %(courses)s::text[]::text, true),
    set_config('coursepulse.viewer_teams', %(teams)s::text[]::text, true),
    set_config('coursepulse.viewer_opened', %(opened)s::uuid[]::text, true),
    set_config('coursepulse.viewer_scopes', %(scopes)s::text[]::text, true)
