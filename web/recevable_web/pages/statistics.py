"""Statistics of a programme over a period: for the team, without a figure of any one person."""

from __future__ import annotations

import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from recevable_web import packs
from recevable_web.actions import exports, rights, statistics
from recevable_web.actions.statistics import Sums
from recevable_web.pages.common import asking
from recevable_web.records.models import READERS, State, Verdict
from recevable_web.tables import Column, CsvTable

# How many rules and pieces are listed.
MOST: Final = 20
_DAY: Final = 86_400
MEASURES: Final = {
    statistics.RECEIVED: "Dossiers reçus",
    statistics.STOCK: "Dossiers dans un état, aujourd'hui",
    statistics.PROPOSED: "Propositions à la réception, et montants estimés",
    statistics.REASON: "Constats contraires à la réception",
    statistics.DECIDED: "Décisions signées, et montants à payer",
    statistics.GROUND: "Constats qui fondent les décisions signées",
    statistics.AGENCY: "Temps à l'agence, jusqu'à la décision",
    statistics.APPLICANT: "Temps chez le demandeur, jusqu'à la décision",
    statistics.PAID: "Montants payés",
}
_COLUMNS: Final = (
    Column("mesure", "Ce qui est compté", "texte"), Column("mois", "Mois", "date"),
    Column("demande", "Demande", "texte"), Column("nom", "Détail", "texte"), Column("nombre", "Nombre", "entier"),
    Column("euros", "Euros", "montant"), Column("jours", "Jours, en tout", "montant"),
)  # fmt: skip


def programme_of(request: HttpRequest) -> tuple[str, list[str]]:
    """The programme that is asked for, the first by default, and those whose figures one may read; else 404."""
    programmes = sorted(rights.programmes(asking(request), READERS))
    if not programmes:
        raise Http404
    programme = request.GET.get("programme", programmes[0])
    if programme not in programmes:
        raise Http404
    return programme, programmes


def _month(text: str | None) -> date | None:
    """The first day of a month written `2023-09`; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        return None


@require_safe
def statistiques(request: HttpRequest) -> HttpResponse:
    """The figures of a programme: dossiers, delays, verdicts, euros, rules, missing pieces."""
    programme, programmes = programme_of(request)
    since, until = _month(request.GET.get("de")), _month(request.GET.get("a"))
    by: dict[str, dict[tuple[str, str], Sums]] = defaultdict(dict)
    for key, sums in statistics.totals(programme, since, until).items():
        held = by[key.measure].get((key.request, key.name), Sums())
        by[key.measure][key.request, key.name] = Sums(*(a + b for a, b in zip(held, sums, strict=True)))
    rules, requests = titles(programme)
    reasons = against(by[statistics.REASON], rules, requests)
    context = {
        "programme": programme,
        "programmes": programmes,
        "mois": statistics.months(programme),
        "de": since,
        "a": until,
        "recus": by[statistics.RECEIVED].get(("", ""), Sums()).number,
        "etats": [(label, by[statistics.STOCK].get(("", value), Sums()).number) for value, label in State.choices],
        "delais": [
            _delay("À l'agence", by[statistics.AGENCY]),
            _delay("Chez le demandeur", by[statistics.APPLICANT]),
        ],
        "bornes": statistics.SPANS,
        "proposes": _verdicts(by[statistics.PROPOSED], requests),
        "decides": _verdicts(by[statistics.DECIDED], requests),
        "payes": [(requests.get(name, name), sums) for (name, _), sums in sorted(by[statistics.PAID].items())],
        "motifs": [one for one in reasons if not one["piece"]][:MOST],
        "manques": [one for one in reasons if one["piece"]][:MOST],
        "fondements": against(by[statistics.GROUND], rules, requests)[:MOST],
    }
    return render(request, "guichet/statistiques.html", context)


def titles(programme: str) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """The title and the document (if any) of each rule in force, and the title of each request."""
    pack = packs.in_force(programme, timezone.localdate())
    if pack is None:
        return {}, {}
    opened = packs.opened(pack.pk)
    rules = {one.id: (one.title, opened.document_of(one.id)) for one in opened.pack.rules.values()}
    return rules, {name: one.title for name, one in opened.manifest.requests.items()}


def _delay(title: str, spans: dict[tuple[str, str], Sums]) -> dict[str, Any]:
    number, seconds = sum(one.number for one in spans.values()), sum(one.seconds for one in spans.values())
    counts = [spans.get(("", str(last)), Sums()).number for last in statistics.SPANS]
    return {
        "titre": title,
        "nombre": number,
        "moyenne": None if number == 0 else round(Decimal(seconds) / number / _DAY, 1),
        "tranches": [*counts, spans.get(("", ""), Sums()).number],
    }


def _verdicts(found: dict[tuple[str, str], Sums], titles: dict[str, str]) -> list[dict[str, Any]]:
    order = [str(one) for one in (Verdict.ACCEPT, Verdict.COMPLETE, Verdict.REJECT)]
    rows = []
    for request in sorted({name for name, _ in found}):
        verdicts = sorted({name for asked, name in found if asked == request} - set(order))
        cells = [(name, found.get((request, name), Sums())) for name in (*order, *verdicts)]
        rows.append({"titre": titles.get(request, request), "verdicts": [cell for cell in cells if cell[1].number]})
    return rows


def against(
    found: dict[tuple[str, str], Sums], rules: dict[str, tuple[str, str]], requests: dict[str, str]
) -> list[dict[str, Any]]:
    """Findings against an acceptance, the most frequent first."""
    rows = []
    for (request, name), sums in found.items():
        consequence, rule, cause = name.split(":", 2)
        title, document = rules.get(rule, (rule, ""))
        rows.append(
            {
                "regle": rule,
                "titre": title,
                "demande": requests.get(request, request),
                "consequence": consequence,
                "cause": cause.replace("_", " "),
                "nombre": sums.number,
                "piece": bool(document) and cause == "absente",
            }
        )
    return sorted(rows, key=lambda row: (-row["nombre"], row["regle"], row["demande"], row["cause"]))


@require_GET
def en_csv(request: HttpRequest) -> HttpResponse:
    """The same figures, month by month, as CSV."""
    programme, _ = programme_of(request)
    found = statistics.totals(programme, _month(request.GET.get("de")), _month(request.GET.get("a")))
    file = io.BytesIO()
    table = CsvTable(file, _COLUMNS, timezone.get_default_timezone())
    table.add([_row(*one) for one in sorted(found.items())])
    table.close()
    response = HttpResponse(file.getvalue(), content_type=exports.FORMATS[exports.CSV][1])
    response["Content-Disposition"] = 'attachment; filename="statistiques.csv"'
    return response


def _row(key: statistics.Key, sums: Sums) -> tuple[Any, ...]:
    month = None if key.month == statistics.ALWAYS else key.month
    euros, days = Decimal(sums.cents).scaleb(-2), round(Decimal(sums.seconds) / _DAY, 2)
    return MEASURES[key.measure], month, key.request, key.name, sums.number, euros, days


urlpatterns = [
    path("statistiques", statistiques, name="statistiques"),
    path("statistiques.csv", en_csv, name="statistiques-csv"),
]
