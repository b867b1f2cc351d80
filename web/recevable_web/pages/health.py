"""What probes ask."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
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


urlpatterns = [
    path("sante", sante, name="sante"),
    path("pret", pret, name="pret"),
]
