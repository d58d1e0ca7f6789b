"""A process that appends: ``python -m tests.log.appender URL START STOP``, printing what is acknowledged."""

from __future__ import annotations

import sys

from coursepulse.log import open_log
from tests.log.samples import event


def main() -> None:
    url, start, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    log = open_log(url)
    for number in range(start, stop):
        log.append([event(number)]).result()
        print(number, flush=True)
    log.close()


main()
