"""Redis, alone or as a cluster: what several servers share, and what each of them can do without for a while."""
