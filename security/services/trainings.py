"""Keeping the training certificates of staff: the rule asks for one of whoever asks, approves or reviews."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit
from core.ids import new_public_id
from security.models import TrainingCertificate, TrainingWithdrawal
from security.models.training import COURSE
from security.services import fund_actions, refusals


def record(*, person: Staff, by: Staff) -> TrainingCertificate:
    """Record that a person took the course: from now on it counts for a year, by the database's clock.

    Raises ValidationError: nobody records their own, and only administrators record.
    """
    if person.pk == by.pk:
        raise ValidationError(_("Nobody records their own training: ask another administrator."), code="own_training")
    public_id = new_public_id()
    values = {"public_id": public_id, "person_id": person.pk, "recorded_by_id": by.pk}
    try:
        with transaction.atomic():
            key = fund_actions.insert(TrainingCertificate, values)
            detail = {"certificate": public_id, "course": COURSE}
            audit.record("training.recorded", actor=by.actor, obj=("staff", person.public_id), detail=detail)
    except IntegrityError as error:
        raise ValidationError(refusals.of_database(error), code="refused") from error
    return TrainingCertificate.objects.get(pk=key)


def withdraw(*, certificate: TrainingCertificate, by: Staff, reason: str) -> None:
    """Let a certificate stand for nothing new, for good; the person takes the course again.

    Raises ValidationError: it was withdrawn already, or who withdraws is no administrator.
    """
    values = {"certificate_id": certificate.pk, "withdrawn_by_id": by.pk, "reason": reason}
    try:
        with transaction.atomic():
            fund_actions.insert(TrainingWithdrawal, values, key="certificate_id")
            detail = {"certificate": certificate.public_id}
            audit.record(
                "training.withdrawn", actor=by.actor, obj=("staff", certificate.person.public_id), detail=detail
            )
    except IntegrityError as error:
        raise ValidationError(refusals.of_database(error), code="refused") from error
