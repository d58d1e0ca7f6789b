"""Who may see what: roles, viewers and one pure decision. No I/O."""
