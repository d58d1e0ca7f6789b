-- How much room each store takes, one measurement a day: growth is seen only beside the past.
CREATE TABLE store_sizes (
    day date NOT NULL,
    store text NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (store, day)
);
