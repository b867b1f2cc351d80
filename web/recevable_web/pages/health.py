"""What probes ask, and the pages of errors."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from recevable_web.pages.common import public


@public
@require_safe
def sante(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def pret(request: HttpRequest) -> HttpResponse:
    """The database answers too, and holds the tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rank FROM records_chainhead")
    except Exception:  # noqa: BLE001  # whatever is wrong, the service is not ready
        return HttpResponse("la base ne répond pas\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain")


def _erreur(request: HttpRequest, status: int, title: str, help_: str) -> HttpResponse:
    return render(request, "guichet/erreur.html", {"titre": title, "aide": help_}, status=status)


def absente(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what does not exist and for what one may not see."""
    return _erreur(request, 404, "Cette page n'existe pas", "Elle a pu être déplacée, ou ne vous est pas ouverte.")


def refusee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _erreur(request, 403, "Cette demande est refusée", "Revenez à la page d'avant et recommencez.")


def sans_jeton(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, a form without its token."""
    return refusee(request)


def malformee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _erreur(request, 400, "Cette demande ne peut pas être lue", "Revenez à la page d'avant et recommencez.")


def panne(request: HttpRequest) -> HttpResponse:
    """500: nothing of what went wrong is shown."""
    return _erreur(request, 500, "Le service a rencontré une erreur", "Rien n'a été enregistré. Réessayez plus tard.")


urlpatterns = [
    path("sante", sante, name="sante"),
    path("pret", pret, name="pret"),
]
