-- Put other events in the place of a block's; how many were appended stays as it was.
UPDATE blocks SET body = ? WHERE position = ?
