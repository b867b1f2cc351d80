"""Values as the engine writes them in French: the same words on a page, in a report and in a letter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

import recevable
from recevable_web.actions import pieces

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
    words = recevable.wording.words(datum.value, datum.type, timezone.get_current_timezone())
    return f"{datum.title or datum.name} : {words}"


@register.filter
def donnee_choisie(default: Any) -> str:
    """The value of a choice of the pack, where the text is silent."""
    return recevable.wording.words(default.value, default.type, timezone.get_current_timezone())


@register.filter
def etat(line: recevable.AppraisalLine) -> str:
    """Where the answer to a question that only a human may answer is."""
    return recevable.sections.state(line)


@register.filter
def reponse(word: str) -> str:
    """An answer of a rule, as a person reads it: `hors calcul`."""
    return word.replace("_", " ")


@register.filter
def parties(names: tuple[str, ...], known: Mapping[str, str]) -> str:
    """Who supplies a datum: `le demandeur`, `l'ASP et l'ANS`."""
    return " et ".join(known.get(name, "le demandeur") for name in names) or "le demandeur"


@register.filter
def poids(size: int) -> str:
    """A size in bytes: `20 Mo`."""
    return pieces.size(size)


@register.filter
def verdict(value: str) -> str:
    """A verdict as reports write it: `compléter`; that the request is not there, when it is not."""
    known = {str(one): words for one, words in recevable.sections.VERDICTS.items()}
    return known.get(value, value) or "demande absente"


@register.filter
def verite(value: bool | None) -> str:
    """What a test answered."""
    return "on ne sait pas" if value is None else "oui" if value else "non"


@register.filter
def brut(value: Any) -> str:
    """A value of a decision as JSON writes it; what is missing has its words."""
    return _ABSENT if repr(value) == "UNSET" else json.dumps(value, ensure_ascii=False)[:500]


@register.filter
def constats(findings: list[Any]) -> SafeString:
    """A list of rules, in one go: there are many."""
    listed = format_html_join("", "<li>{} ({})</li>", ((one.title, one.rule) for one in findings))
    return mark_safe(f"<ul>{listed}</ul>")  # its items are escaped


_ABSENT = "absent"


@register.filter
def entier(value: int | None) -> str:
    """12 345, with the thin space of the engine."""
    return "" if value is None else recevable.wording.number(Decimal(value))


@register.filter
def decimal(value: Decimal | None) -> str:
    """12,5."""
    return "" if value is None else recevable.wording.number(value)


@register.filter
def mois(value: date) -> str:
    """Septembre 2023."""
    return recevable.wording.day(value).partition(" ")[2]


@register.filter
def mois_cle(value: date) -> str:
    """2023-09, as an address holds a month."""
    return f"{value:%Y-%m}"
