-- How many letters ever went because there were too many.
SELECT letters FROM overflow
