"""PostgreSQL 16: raw events, people, consents, and the bundled server that keeps them by default."""
