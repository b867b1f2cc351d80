"""What a public service says of itself: how accessible its pages are, and what it keeps of whom."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

import recevable
from recevable_web.pages.common import public


@public
@require_safe
def accessibilite(request: HttpRequest) -> HttpResponse:
    """The declaration: not conforming until an audit says otherwise, and what was tried."""
    return render(request, "guichet/accessibilite.html", {"contact": settings.CONTACT})


@public
@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """What is kept of agents and applicants, for how long, and whom to ask."""
    kept = [(label, _kept(settings.RETENTION[name])) for name, label in _TABLES]
    context = {"contact": settings.CONTACT, "responsable": settings.RESPONSIBLE, "durees": kept}
    return render(request, "guichet/mentions.html", context)


_TABLES = (
    ("dossiers", "Contenu des dossiers et décisions calculées, après la fin du dossier"),
    ("actes", "Contenu des actes, après la fin du dossier"),
    ("pieces", "Pièces jointes, après la fin du dossier"),
    ("paiements", "Fichiers échangés avec le payeur, après la fin des dossiers"),
    ("acces", "Journal des consultations"),
    ("imports", "Noms et fautes des imports refusés"),
    ("saisies", "Saisies abandonnées ou laissées sans suite"),
)


def _kept(days: int) -> str:
    return recevable.wording.count(days, "jour", "jours")


urlpatterns = [
    path("accessibilite", accessibilite, name="accessibilite"),
    path("mentions", mentions, name="mentions"),
]
