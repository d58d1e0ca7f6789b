-- Tables with replaced parts that are still on disk.
SELECT DISTINCT table FROM system.parts
WHERE database = currentDatabase() AND NOT active AND table IN {tables:Array(String)}
