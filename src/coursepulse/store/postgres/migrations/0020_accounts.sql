-- Who may sign in, who is signed in, and how often somebody failed to.

-- `password_hash` is null for people who sign in with a provider; they are known by `issuer` and `provider_subject`.
-- `student_id` is the pseudonym of the person they are, as learner or as teacher; names stay in `people`.
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    login_name text NOT NULL CHECK (login_name = lower(login_name) AND login_name <> ''),
    password_hash text,
    issuer text,
    provider_subject text,
    role text NOT NULL CHECK (role IN ('student', 'instructor', 'manager', 'admin', 'auditor')),
    student_id uuid,
    organisation_id text NOT NULL DEFAULT '',
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    CONSTRAINT accounts_by_login UNIQUE (login_name),
    CONSTRAINT accounts_by_provider UNIQUE (issuer, provider_subject)
);

-- One row per browser that is signed in, or per embedded page. Of the token only a hash is kept: whoever reads
-- this table can impersonate nobody. An embedded page has no account, only the student it shows.
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    account_id uuid REFERENCES accounts ON DELETE CASCADE,
    student_id uuid,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((account_id IS NULL) <> (student_id IS NULL))
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- `whom` is a keyed hash of a login name or of a network address: what was typed and from where is not kept.
CREATE TABLE sign_in_failures (
    whom bytea PRIMARY KEY,
    failures integer NOT NULL,
    latest_at timestamptz NOT NULL
);

-- Keys of programs. `digest` is the SHA-256 of a secret of 256 random bits, which needs no slow hash: there is
-- nothing to guess. A revoked key stays, so that the trail can say whose it was.
CREATE TABLE api_keys (
    key_id bigserial PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);

CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at IS NULL;
