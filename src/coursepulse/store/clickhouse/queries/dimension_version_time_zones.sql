-- The version above everything in time_zones.
SELECT max(version) + 1 FROM time_zones
