-- Remember the newest position and the number of events ever appended.
UPDATE newest SET position = :position, total = :total
