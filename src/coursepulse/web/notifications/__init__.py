"""How alerts reach people outside of the screens: what accounts choose, and webhooks."""
