"""How alerts reach people beyond the screens: what accounts choose, and webhooks."""
