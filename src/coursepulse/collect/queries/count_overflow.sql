-- Count the letters that went because there were too many.
UPDATE overflow SET letters = letters + :overflow
