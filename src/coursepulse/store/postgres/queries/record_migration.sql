-- Remember that a migration has been applied.
INSERT INTO schema_migrations (name) VALUES (%(name)s)
