-- The position of the newest block and how many events were ever appended.
SELECT position, total FROM newest
