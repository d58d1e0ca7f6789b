-- Whom the next statements are about.
INSERT INTO erasing SELECT {student:UUID}, {replacement:UUID}, {salt:String}
