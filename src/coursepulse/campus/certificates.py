"""Certificates that people hold, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

import msgspec

from coursepulse.campus.organisations import Name
from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId


class CertificateStatus(StrEnum):
    """Whether a certificate still counts; an expired one is still ``valid`` in this sense."""

    VALID = "valid"
    REVOKED = "revoked"


class Certificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The latest certificate of one kind that a person holds.

    :param organisation_id: the organisation whose managers may see it
    :param certificate_id: the kind, such as ``first-aid``
    :param course_id: the course to take to renew it
    :param expires_on: the last day on which it is valid; empty for good
    """

    external_id: Id
    organisation_id: Id
    certificate_id: Id
    title: Name = ""
    course_id: OptionalId = ""
    issued_on: date
    expires_on: date | None = None
    status: CertificateStatus = CertificateStatus.VALID


def check_certificate(row: Certificate) -> Iterator[Trouble]:
    """Checks of a certificate that types cannot express."""
    if row.expires_on and row.expires_on < row.issued_on:
        sentence = f"The certificate expires on {row.expires_on}, before it is issued on {row.issued_on}."
        yield Trouble(RowFault.ENDS_BEFORE_START, "$.expires_on", sentence)
