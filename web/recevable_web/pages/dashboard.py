"""The dashboard of the head of a service: charts that are tables; figures of the team, of no person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

import recevable
from recevable_web.actions import dashboard, statistics
from recevable_web.actions.statistics import Sums
from recevable_web.pages.statistics import against, programme_of, titles
from recevable_web.records.models import Verdict

# How many months of delays, and of missing pieces, are shown.
MONTHS: Final = 12
MOST: Final = 10
_DAY: Final = 86_400


class Bar(NamedTuple):
    """A line of a chart: its label, its value in words, and its length in hundredths of the longest."""

    label: str
    value: str
    length: int


def bars(lines: Sequence[tuple[str, Decimal | int, str]]) -> list[Bar]:
    """Lines of a chart from a label, a value and its words; something that is not zero is always seen."""
    longest = max((Decimal(value) for _, value, _ in lines), default=Decimal(0))
    return [
        Bar(label, words, max(1, round(Decimal(value) * 100 / longest)) if value > 0 else 0)
        for label, value, words in lines
    ]


@require_safe
def tableau(request: HttpRequest) -> HttpResponse:
    """The dashboard of a programme."""
    programme, programmes = programme_of(request)
    today = timezone.localdate()
    totals = statistics.totals(programme)
    sums = dashboard.euros(programme, totals)
    months = list(dashboard.delays(totals).items())[-MONTHS:]
    by: dict[str, dict[tuple[str, str], Sums]] = defaultdict(dict)
    for key, one in totals.items():
        held = by[key.measure].get((key.request, key.name), Sums())
        by[key.measure][key.request, key.name] = Sums(*(a + b for a, b in zip(held, one, strict=True)))
    decided = {
        verdict: sum(one.number for (_, name), one in by[statistics.DECIDED].items() if name == str(verdict))
        for verdict in Verdict
    }
    missing = [one for one in against(by[statistics.REASON], *titles(programme)) if one["piece"]][:MOST]
    context = {
        "programme": programme,
        "programmes": programmes,
        "stock": bars([(label, count, recevable.wording.number(count)) for label, count in _backlog(programme, today)]),
        "aujourdhui": today,
        "delais": [
            (title, bars([_delay(month, sums_.get(measure, Sums())) for month, sums_ in months]))
            for title, measure in (("À l'agence", statistics.AGENCY), ("Chez le demandeur", statistics.APPLICANT))
            if months
        ],
        "verdicts": bars([(one.label, count, recevable.wording.number(count)) for one, count in decided.items()]),
        "manques": bars(
            [
                (f"{one['titre']} ({one['demande']})", one["nombre"], recevable.wording.number(one["nombre"]))
                for one in missing
            ]
        ),
        "euros": bars([(label, cents, _amount(cents)) for label, cents in zip(_EUROS, sums, strict=True)]),
    }
    return render(request, "guichet/tableau.html", context)


_EUROS: Final = (
    "Proposés par les règles à la réception",
    "Accordés par des décisions signées",
    "Signés ou ordonnés, sans réponse du payeur",
    "Payés",
    "Réclamés, pas encore décidés",
    "À reverser, décidés et non reversés",
    "Reversés",
)


def _amount(cents: int) -> str:
    return recevable.wording.amount(Decimal(cents) / 100)


def _backlog(programme: str, today: date) -> list[tuple[str, int]]:
    found = dashboard.backlog(programme, today)
    labels = []
    after = 0
    for last in dashboard.STRETCHES:
        labels.append(f"Dans {after} à {last} jours" if after else f"Dans les {last} jours")
        after = last + 1
    return [
        ("Échéance passée", found.overdue),
        *zip(labels, found.within, strict=True),
        (f"Dans plus de {dashboard.STRETCHES[-1]} jours", found.later),
        ("Suspendue : le demandeur complète", found.suspended),
        ("Réception non consignée", found.unknown),
        ("Sans échéance légale", found.none),
    ]


def _delay(month: date, sums: Sums) -> tuple[str, Decimal, str]:
    """The mean number of days of the decisions of a month."""
    mean = round(Decimal(sums.seconds) / sums.number / _DAY, 1) if sums.number else Decimal(0)
    return f"{month:%m/%Y}", mean, f"{mean} jours en moyenne".replace(".", ",") if sums.number else "–"


urlpatterns = [path("tableau-de-bord", tableau, name="tableau-de-bord")]
