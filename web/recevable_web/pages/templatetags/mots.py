"""Values as the engine writes them in French: the same words on a page, in a report and in a letter."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

import recevable

register = template.Library()


@register.filter
def jour(value: date | None) -> str:
    """26 juillet 2023."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return "" if value is None else recevable.wording.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """26 juillet 2023 à 14:00:01."""
    return (
        "" if value is None else recevable.wording.moment(value.replace(microsecond=0), timezone.get_current_timezone())
    )


@register.filter
def euros(cents: int | None) -> str:
    """8 000,00 €, from cents."""
    return "" if cents is None else recevable.wording.amount(Decimal(cents) / 100)


@register.filter
def valeur(line: Any) -> str:
    """The value of an amount of a decision, by its type; `inconnu` when there is none."""
    if line.value is None:
        return "inconnu"
    return recevable.wording.words(line.value, line.type, timezone.get_current_timezone())


@register.filter
def etape(step: Any) -> str:
    """A step of a calculation in a line; empty when it changes nothing."""
    return recevable.step_words(step)


@register.filter
def donnee(datum: Any) -> str:
    """A value that was compared: `SIRET : 732 829 320 00074`."""
    said = recevable.wording.words(datum.value, datum.type, timezone.get_current_timezone())
    return f"{datum.title or datum.name} : {said}"
