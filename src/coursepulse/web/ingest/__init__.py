"""Events, dead letters and withdrawals over HTTP."""
