-- Remember that a migration has been applied.
INSERT INTO schema_migrations (name) SELECT {name:String}
