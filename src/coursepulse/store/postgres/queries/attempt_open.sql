-- Makes sure that there is a row to count the failures of a name or an address.
INSERT INTO sign_in_failures (whom, failures, latest_at) VALUES (%(whom)s, 0, %(now)s) ON CONFLICT DO NOTHING
