"""Dossiers come in as files; the report of an import can be opened again."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

import recevable
from recevable_web import archives
from recevable_web.actions import imports, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, number
from recevable_web.pages.uploads import taking
from recevable_web.records.models import Import, ImportLine, Role

_REFUSED: Final = ImportLine.Outcome.REFUSED
# The largest archive, with what surrounds it in a form.
_MOST_BYTES: Final = archives.MOST_BYTES + 1_000_000


@taking(_MOST_BYTES)
@require_http_methods(["GET", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Files of dossiers; each dossier is received or refused by itself, and a report says what became of it."""
    programmes = sorted(rights.programmes(asking(request), [Role.INSTRUCTOR]))
    if not programmes:
        raise Http404
    programme = request.POST.get("programme", programmes[0])
    if request.method == "POST":
        files = [(one.name or "sans nom", one.file) for one in request.FILES.getlist("fichiers") if one.file]
        try:
            if not files:
                raise Refused("FICHIERS", "Choisissez au moins un fichier.")
            imported = imports.take(asking(request), programme, files, kind=request.POST.get("format", imports.NATIVE))
            return redirect("import", pk=imported.pk)
        except Refused as refused:
            messages.error(request, refused.message)
    done = Import.objects.filter(programme__in=programmes).select_related("account").order_by("-id")
    counted = done.annotate(dossiers=Count("lines"), refuses=Count("lines", filter=Q(lines__outcome=_REFUSED)))
    context = {
        "programmes": programmes,
        "programme": programme,
        "formats": imports.formats(programmes),
        "format": request.POST.get("format", imports.NATIVE),
        "imports": counted[:PAGE],
        "plus": recevable.wording.number(imports.MOST_DOSSIERS),
    }
    return render(request, "guichet/importer.html", context)


@require_safe
def rapport(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of each dossier of an import, with the faults of those that were refused."""
    mine = rights.programmes(asking(request), [Role.INSTRUCTOR])
    imported = Import.objects.filter(pk=pk, programme__in=mine).select_related("account").first()
    if imported is None:
        raise Http404
    counts = dict(imported.lines.values_list("outcome").annotate(Count("id")).order_by())
    tab = request.GET.get("onglet", "")
    if tab not in ("", *ImportLine.Outcome.values):
        raise Http404
    lines = imported.lines.filter(rank__gt=number(request.GET.get("apres"))).select_related("dossier").order_by("rank")
    listed = list((lines.filter(outcome=tab) if tab else lines)[: PAGE + 1])
    context = {
        "import": imported,
        "onglets": [
            ("", "Tous", sum(counts.values()), not tab),
            *((key, label, counts.get(key, 0), key == tab) for key, label in ImportLine.Outcome.choices),
        ],
        "onglet": tab,
        "lignes": listed[:PAGE],
        "suivante": listed[PAGE - 1].rank if len(listed) > PAGE else None,
    }
    return render(request, "guichet/import.html", context)


urlpatterns = [
    path("importer", importer, name="importer"),
    path("imports/<int:pk>", rapport, name="import"),
]
