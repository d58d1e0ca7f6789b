"""How coursepulse is put on machines: containers, Kubernetes, and a whole cluster on one machine."""
