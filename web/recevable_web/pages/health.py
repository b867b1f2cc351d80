"""What probes ask."""

from __future__ import annotations

from typing import Final

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from recevable_web.pages.common import public
from recevable_web.records.models import Publication, WorkerSign

# Seconds after which a worker that has not been seen is reported.
_SILENT: Final = 60


@public
@require_safe
def sante(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def pret(request: HttpRequest) -> HttpResponse:
    """The database answers and has the tables of this version; 503 otherwise.

    Then what an operator looks at, and which stops nothing: whether rules are in force, and when a worker was seen.
    Neither an address nor a name is given.
    """
    try:
        missing = _missing_migrations()
        lines = [f"base : {'migrations à appliquer' if missing else 'ok'}"]
        if not missing:
            lines += [f"règles en vigueur : {'ok' if _rules() else 'aucune'}", f"travaux : {_worker()}"]
    except DatabaseError:
        missing, lines = True, ["base : ne répond pas"]
    content = "\n".join([*lines, ""])
    return HttpResponse(content, status=503 if missing else 200, content_type="text/plain; charset=utf-8")


def _missing_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _rules() -> bool:
    return Publication.objects.filter(in_force_from__lte=timezone.localdate()).exists()


def _worker() -> str:
    seen = WorkerSign.objects.aggregate(last=Max("seen_at"))["last"]
    if seen is None:
        return "aucun signe d'un worker"
    seconds = max(0, int((timezone.now() - seen).total_seconds()))
    return f"ok (signe il y a {seconds} s)" if seconds <= _SILENT else f"dernier signe d'un worker il y a {seconds} s"


urlpatterns = [
    path("sante", sante, name="sante"),
    path("pret", pret, name="pret"),
]
