-- What each sender sent, day by day: how much of it was late, known already or refused, and what its clock said.
CREATE TABLE sender_counts (
    day date NOT NULL,
    sender text NOT NULL,                                 -- name of the key
    what text NOT NULL,                                   -- as coursepulse.collect.senders says
    number bigint NOT NULL,
    PRIMARY KEY (sender, day, what)
);

GRANT SELECT ON sender_counts TO coursepulse_app;
