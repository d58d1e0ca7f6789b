"""SQL that fills a scratch database with synthetic events."""
