-- The newest word on what was pruned: where the chain begins.
SELECT detail FROM audit_trail WHERE tag = 'audit:trail:pruned' ORDER BY number DESC LIMIT 1
