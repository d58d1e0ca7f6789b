"""A process that appends: ``python -m tests.log.appender URL START STOP``, printing what is acknowledged.

With a folder as fourth argument it appends as a collector does, which has a spool there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from coursepulse.kit.settings import Settings
from coursepulse.log import open_log, open_sink
from tests.log.samples import event


def main() -> None:
    url, start, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    log = open_sink(Settings(log=url, data=Path(sys.argv[4]))) if len(sys.argv) > 4 else open_log(url)
    for number in range(start, stop):
        log.append([event(number)]).result()
        print(number, flush=True)
    log.close()


main()
