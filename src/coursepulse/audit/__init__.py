"""Who looked at whose record, who changed what, and why: a trail that cannot be rewritten unnoticed."""
