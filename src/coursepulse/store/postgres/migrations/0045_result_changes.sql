-- What makes kept results void and has no version of its own, counted for all servers that answer from this database.
-- One row.
CREATE TABLE result_changes (
    forgotten bigint NOT NULL,                            -- consents, rights or people have changed
    renewed bigint NOT NULL                               -- numbers have changed beside the log
);
INSERT INTO result_changes VALUES (0, 0);

GRANT SELECT ON result_changes TO coursepulse_app;
