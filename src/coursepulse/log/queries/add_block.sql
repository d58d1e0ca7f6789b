-- Add one block behind the newest, by itself a whole transaction; a trigger moves the newest on.
INSERT INTO blocks (position, appended_at, events, total, body)
SELECT position + 1, :now, :events, total + :events, :body FROM newest
RETURNING position
