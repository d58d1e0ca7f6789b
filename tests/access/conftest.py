from tests.access.faculty import faculty, filled

__all__ = ["faculty", "filled"]
