-- Who asks how far the consumers of the log have come reads the positions of its partitions.
GRANT SELECT ON log_partitions TO coursepulse_app;
