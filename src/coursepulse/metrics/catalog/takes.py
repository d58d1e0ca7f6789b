"""What metrics take, where several take the same."""

from __future__ import annotations

from coursepulse.metrics.metric import Param

PERIOD = (Param.FROM, Param.TO)
TO_DATE = (Param.TO,)

#: Of students, whose numbers can be narrowed to a course.
STUDENT_PERIOD = (Param.COURSE, *PERIOD)
STUDENT_TO_DATE = (Param.COURSE, *TO_DATE)

#: Of a page of a long list.
PAGE = (Param.SORT, Param.LIMIT, Param.OFFSET)
