-- Nobody is being erased. TRUNCATE would wait for whoever still reads the table, and keep all others waiting behind it.
ALTER TABLE erasing DELETE WHERE true
