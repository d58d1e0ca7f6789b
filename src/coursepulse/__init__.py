"""coursepulse: student analytics for e-learning platforms."""

__version__ = "0.1.0"
