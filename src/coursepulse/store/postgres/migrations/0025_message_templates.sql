-- Texts with which people write to students. They are about nobody.
CREATE TABLE message_templates (
    template_id uuid PRIMARY KEY,
    owner text NOT NULL,                                  -- the account whose it is; empty: the organisation's
    organisation_id text NOT NULL DEFAULT '',
    name text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT message_templates_by_name UNIQUE (owner, organisation_id, name)
);

CREATE TABLE message_texts (
    template_id uuid NOT NULL REFERENCES message_templates ON DELETE CASCADE,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (template_id, language)
);
