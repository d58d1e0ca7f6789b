"""Apache Superset: the tables that it reads, the data sets, charts and dashboards over them, and who is shown what."""
