-- Removes replaced parts at once: a drop of no partition clears them away, and none has this name.
ALTER TABLE {table:Identifier} MODIFY SETTING old_parts_lifetime = 0;
ALTER TABLE {table:Identifier} DROP PARTITION ID '00000000none';
ALTER TABLE {table:Identifier} RESET SETTING old_parts_lifetime
