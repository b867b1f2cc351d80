"""The register of acts: read, verified, exported; what is kept long enough is purged."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

import recevable
from recevable_web.actions import purge, register, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, holding, number
from recevable_web.records.models import Act, Role


def _may_read_register(request: HttpRequest) -> None:
    if not rights.programmes(asking(request), [Role.AUDITOR, Role.ADMINISTRATOR, Role.VALIDATOR]):
        raise Http404


@require_safe
def registre(request: HttpRequest) -> HttpResponse:
    """The last acts, and whether the whole chain verifies."""
    _may_read_register(request)
    rank, head = register.head()
    before = number(request.GET.get("avant"))
    found = Act.objects.filter(rank__lt=before) if before else Act.objects.all()
    listed = list(found.order_by("-rank")[: PAGE + 1])
    context: dict[str, Any] = {
        "actes": listed[:PAGE], "suivante": listed[PAGE - 1].rank if len(listed) > PAGE else None,
        "rang": rank, "tete": head,
    }  # fmt: skip
    if "verifier" in request.GET:
        # the export of one moment: an act that is signed meanwhile is no fault
        context["verification"] = recevable.ledger.verify(register.export(), head)
    return render(request, "guichet/registre.html", context)


@require_GET
def exporter(request: HttpRequest) -> StreamingHttpResponse:
    """The whole register, as `recevable verify-register` reads it."""
    _may_read_register(request)
    response = StreamingHttpResponse(register.export(), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="registre-{timezone.localdate():%Y-%m-%d}.ndjson"'
    return response


@require_GET
def tete(request: HttpRequest) -> HttpResponse:
    """The head of the register at this instant: a line for a file of heads."""
    _may_read_register(request)
    line = recevable.ledger.written_head(register.last())
    response = HttpResponse(line, content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="tete-{timezone.localdate():%Y-%m-%d}.ndjson"'
    return response


@require_http_methods(["GET", "POST"])
def conservation(request: HttpRequest) -> HttpResponse:
    """What has been kept long enough, and its purge: an act, with its reason."""
    programmes = holding(request, Role.ADMINISTRATOR)
    if not programmes:
        raise Http404
    refused = ""
    table, reason = request.POST.get("table", ""), request.POST.get("motif", "")
    if request.method == "POST":
        try:
            if "definitif" not in request.POST:
                raise Refused("CONFIRMER", "Cochez que vous avez compris que l'effacement est définitif.")
            act = purge.purge(asking(request), table, reason)
        except Refused as error:
            refused = error.message
        else:
            messages.success(request, f"Effacé ; l'acte n° {act.rank} du registre le dit.")
            return redirect("conservation")
    lines = []
    for name, label in purge.TABLES.items():
        found = purge.due(name, programmes, purge.until(name))[: purge.MOST + 1].count()
        lines.append(
            {
                "nom": name, "libelle": label, "jours": settings.RETENTION[name], "nombre": min(found, purge.MOST),
                "plus": found > purge.MOST, "refus": refused if table == name else "",
                "motif": reason if table == name else "",
            }
        )  # fmt: skip
    return render(request, "guichet/conservation.html", {"lignes": lines, "refus": refused})


urlpatterns = [
    path("registre", registre, name="registre"),
    path("registre/export", exporter, name="exporter"),
    path("registre/tete", tete, name="tete"),
    path("registre/conservation", conservation, name="conservation"),
]
