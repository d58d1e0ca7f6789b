"""Pages for people: server-rendered, readable without scripts, brought up to date by small requests."""
