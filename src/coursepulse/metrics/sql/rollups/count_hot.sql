-- How many parts the hot part holds, replaced versions included.
SELECT count() FROM hot_parts
