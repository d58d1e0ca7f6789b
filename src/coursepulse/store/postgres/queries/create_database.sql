-- Make the one database of the bundled server; its encoding and locale are those of the cluster.
CREATE DATABASE coursepulse
