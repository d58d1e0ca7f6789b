-- Lets one writer of consents at a time through.
-- Numbers are drawn before the commit: without the lock a row could appear behind one that a reader has passed.
LOCK TABLE consents IN SHARE ROW EXCLUSIVE MODE
