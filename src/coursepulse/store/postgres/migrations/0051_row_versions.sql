-- A login that owns nothing may lead: a new leader moves the versions of rows on.

GRANT UPDATE ON SEQUENCE row_versions TO coursepulse_service;
