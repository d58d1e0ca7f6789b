"""What ``flink run --python`` is given: the job itself is part of coursepulse."""

from coursepulse.wiring.flink_job import main

main()
