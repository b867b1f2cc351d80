"""The register of acts: read, verified, exported."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

import recevable
from recevable_web.actions import register, rights
from recevable_web.pages.common import PAGE, asking, number
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
        context["verification"] = recevable.ledger.verify(register.export(), head)
    return render(request, "guichet/registre.html", context)


@require_GET
def exporter(request: HttpRequest) -> StreamingHttpResponse:
    """The whole register, as `recevable verify-register` reads it."""
    _may_read_register(request)
    response = StreamingHttpResponse(register.export(), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="registre-{timezone.localdate():%Y-%m-%d}.ndjson"'
    return response


urlpatterns = [
    path("registre", registre, name="registre"),
    path("registre/export", exporter, name="exporter"),
]
