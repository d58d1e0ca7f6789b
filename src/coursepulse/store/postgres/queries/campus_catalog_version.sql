-- Which version of people and courses is the newest.
SELECT version FROM catalog_version
