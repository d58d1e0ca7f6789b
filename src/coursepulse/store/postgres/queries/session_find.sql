-- Whose session it is, while it lives and its account is not disabled.
SELECT session.student_id, session.seen_at, account.account_id, account.login_name, account.role,
    account.student_id, account.organisation_id
FROM sessions AS session
LEFT JOIN accounts AS account USING (account_id)
WHERE session.token_hash = %(token_hash)s
  AND session.expires_at > %(now)s
  AND session.seen_at > %(idle_since)s
  AND account.disabled IS NOT TRUE
