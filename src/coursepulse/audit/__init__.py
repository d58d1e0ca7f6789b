"""The audit trail: who saw whose record, who changed what, and why. It cannot be rewritten unnoticed."""
