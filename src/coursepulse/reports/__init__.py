"""Reports: frozen values first, and from these, and nothing else, each form in which they leave."""
