-- Engagement is judged over columns beside ClickHouse: planning this view took longer than reading its rows.

DROP VIEW IF EXISTS learner_engagement;
