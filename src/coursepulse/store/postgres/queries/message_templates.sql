-- Texts with which people write to students.

-- name: templates_list
-- The templates of one owner, with their texts; those of the organisation have no owner.
SELECT template_id, name, language, subject, body
FROM message_templates JOIN message_texts USING (template_id)
WHERE owner = %(owner)s AND (owner <> '' OR organisation_id IN ('', %(organisation)s))
ORDER BY name, template_id, language

-- name: templates_put
-- Keep a template under a name; one that was kept before is changed only by its owner.
INSERT INTO message_templates (template_id, owner, organisation_id, name, changed_at, changed_by)
VALUES (%(template)s, %(owner)s, %(organisation)s, %(name)s, %(at)s, %(account)s)
ON CONFLICT (template_id) DO UPDATE
SET name = excluded.name, changed_at = excluded.changed_at, changed_by = excluded.changed_by
WHERE message_templates.owner = excluded.owner AND message_templates.organisation_id = excluded.organisation_id
RETURNING template_id

-- name: templates_clear
-- The texts of a template, before others take their place.
DELETE FROM message_texts WHERE template_id = %(template)s

-- name: templates_text
-- What a template says in a language.
INSERT INTO message_texts (template_id, language, subject, body)
VALUES (%(template)s, %(language)s, %(subject)s, %(body)s)

-- name: templates_drop
-- Take a template of an owner away, with its texts.
DELETE FROM message_templates
WHERE template_id = %(template)s AND owner = %(owner)s AND organisation_id = %(organisation)s
RETURNING name

-- name: templates_languages
-- The languages that students have chosen for their pages, of those who have.
SELECT student_id, language FROM accounts
WHERE student_id = ANY(%(students)s) AND role = 'student' AND language <> '' AND NOT disabled
