-- Writes everything into the tables, so that older files of the write-ahead log can go.
CHECKPOINT
