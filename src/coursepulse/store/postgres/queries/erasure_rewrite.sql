-- Writes a table and its indexes anew, without what was deleted: a plain VACUUM leaves its bytes in free space.
VACUUM (FULL) {table}
