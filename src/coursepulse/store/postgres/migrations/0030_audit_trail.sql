-- The audit trail: append-only for everyone, and pruned only through one function.

-- `number` counts without gaps; `hash` covers the entry and the hash of the number before (audit/chain.py), under a
-- key that this database never sees. `subject` is a student's pseudonym as UUID, a course, an account, or empty.
CREATE TABLE audit_trail (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    tag text NOT NULL,
    subject text NOT NULL,
    purpose text NOT NULL,
    request_id text NOT NULL,
    address text NOT NULL,
    detail text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE INDEX audit_trail_by_subject ON audit_trail (subject, number DESC);
CREATE INDEX audit_trail_by_actor ON audit_trail (actor, number DESC);
-- Entries come in the order of their time, about: a few bytes per megabyte of rows find any period.
CREATE INDEX audit_trail_by_time ON audit_trail USING brin (at);
CREATE INDEX audit_trail_pruned ON audit_trail (number) WHERE tag = 'audit:trail:pruned';

-- Grants keep the application out; this keeps a slip of the owner out. Whoever gets around both is found by the chain.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('coursepulse.audit_pruning', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: no %.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_trail_stays BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_trail_is_not_emptied BEFORE TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Deletes the entries up to `through`; returns how many. The entry that stands for them must be in the trail already,
-- and none may be younger than a year, whatever the caller believes the time to be.
CREATE FUNCTION prune_audit_trail(through bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_trail AS note
        JOIN audit_trail AS last ON last.number = through
        WHERE note.tag = 'audit:trail:pruned' AND note.number > through
          AND note.detail = 'through ' || through || ' ' || encode(last.hash, 'hex')
    ) THEN
        RAISE EXCEPTION 'Nothing in the audit trail stands for entries up to %.', through
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM audit_trail WHERE number <= through AND at > now() - interval '1 year') THEN
        RAISE EXCEPTION 'Entries of the audit trail stay for a year at least.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('coursepulse.audit_pruning', 'on', true);
    DELETE FROM audit_trail WHERE number <= through;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('coursepulse.audit_pruning', '', true);
    RETURN gone;
END
$$;

REVOKE EXECUTE ON FUNCTION prune_audit_trail(bigint) FROM PUBLIC;
