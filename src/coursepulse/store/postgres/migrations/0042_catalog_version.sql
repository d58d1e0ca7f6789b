-- Counts the changes of people and courses: a process that publishes them sees what another one has changed.

CREATE TABLE catalog_version (version bigint NOT NULL);
INSERT INTO catalog_version VALUES (0);

GRANT SELECT, UPDATE ON catalog_version TO coursepulse_service;
