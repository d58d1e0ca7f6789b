"""``python -m coursepulse``."""

from coursepulse.cli import main

main()
