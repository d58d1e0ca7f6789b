-- How often a name or an address failed, held so that attempts side by side are counted one after the other.
SELECT failures, latest_at FROM sign_in_failures WHERE whom = %(whom)s FOR UPDATE
