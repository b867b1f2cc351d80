"""Dossiers come in."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

import recevable
from recevable_web.actions import dossiers, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import asking
from recevable_web.records.models import Account, Role

# More bytes than any dossier has: the reader of the engine says that the file is too large.
MOST_BYTES: Final = 2_000_000


@require_http_methods(["GET", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Dossiers as JSON files; each is taken or refused by itself, with its faults at their place."""
    programmes = sorted(rights.programmes(asking(request), [Role.INSTRUCTOR]))
    if not programmes:
        raise Http404
    outcomes: list[dict[str, Any]] = []
    if request.method == "POST":
        programme = request.POST.get("programme", programmes[0])
        files = request.FILES.getlist("fichiers")
        for one in files:
            outcomes.append(_imported(asking(request), programme, one.name or "sans nom", one.read(MOST_BYTES + 1)))
        if not files:
            messages.error(request, "Choisissez au moins un fichier JSON.")
    return render(request, "guichet/importer.html", {"programmes": programmes, "resultats": outcomes})


def _imported(actor: Account, programme: str, name: str, content: bytes) -> dict[str, Any]:
    try:
        return {"nom": name, "dossier": dossiers.receive(actor, programme, content, name)}
    except recevable.InvalidDossier as error:
        return {"nom": name, "fautes": [(str(one.span or ""), one.message, one.help) for one in error.diagnostics]}
    except Refused as refused:
        return {"nom": name, "fautes": [("", refused.message, "")]}


urlpatterns = [path("importer", importer, name="importer")]
