"""Exports: asking for a file, following it, opening it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recevable_web.actions import exports, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, attempt, number
from recevable_web.records.models import READERS, UNFINISHED, Export, State, Status


@require_http_methods(["GET", "POST"])
def mes_exports(request: HttpRequest) -> HttpResponse:
    """My exports, the last first, and the form that asks for another."""
    actor = asking(request)
    programmes = sorted(rights.programmes(actor, READERS))
    if not programmes:
        raise Http404
    form = request.POST if request.method == "POST" else request.GET
    programme = form.get("programme", programmes[0])
    if programme not in programmes:
        raise Http404
    chosen, states = form.getlist("colonnes"), form.getlist("etats")
    if request.method == "POST":
        try:
            exports.ask(actor, programme, form.get("format", ""), chosen, states)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "L'export est demandé : il se prépare, et apparaît dans la liste.")
            return redirect("exports")
    before = number(request.GET.get("avant"))
    mine = exports.visible(actor)
    listed = list((mine.filter(pk__lt=before) if before else mine).order_by("-pk")[: PAGE + 1])
    known = exports.columns(programme)
    marked = set(chosen or exports.USUAL)
    context = {
        "exports": [_line(one) for one in listed[:PAGE]],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "programmes": programmes,
        "programme": programme,
        "formats": exports.formats().items(),
        "format": form.get("format", exports.CSV),
        "etats": [(value, label, value in states) for value, label in State.choices],
        "propres": [(one, one.name in marked) for one in known if not one.path],
        "champs": [(one, one.name in marked) for one in known if one.path],
    }
    return render(request, "guichet/exports.html", context)


def _line(one: Export) -> dict[str, Any]:
    return {
        "export": one,
        "format": exports.FORMATS[one.format][0],
        "en_cours": one.status in UNFINISHED,
        "pret": one.status == Status.DONE and not exports.expired(one),
        "expire": one.status == Status.DONE and exports.expired(one),
    }


def _mine(request: HttpRequest, pk: int) -> Export:
    found = exports.visible(asking(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_GET
def fichier(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, sent part by part, with its digest (RFC 9530)."""
    export = _mine(request, pk)
    try:
        parts = exports.content(asking(request), export)
    except Refused as refused:
        context = {"titre": "Ce fichier n'est plus là", "aide": refused.message}
        return render(request, "guichet/erreur.html", context, status=410 if refused.code == "EXPIRE" else 409)
    response = StreamingHttpResponse(parts, content_type=exports.FORMATS[export.format][1])
    response["Content-Disposition"] = f'attachment; filename="export-{export.pk}.{export.format}"'
    response["Content-Length"] = str(export.size)
    digest = base64.b64encode(bytes.fromhex(export.sha256)).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    return response


def _changed(request: HttpRequest, pk: int, act: Callable[[Export], str]) -> HttpResponse:
    found = _mine(request, pk)
    attempt(request, lambda: act(found))
    return redirect("exports")


@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an export that is being made."""

    def act(export: Export) -> str:
        exports.cancel(asking(request), export)
        return "L'export est annulé."

    return _changed(request, pk, act)


@require_POST
def effacer(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase an export and its file."""

    def act(export: Export) -> str:
        exports.erase(asking(request), export)
        return "L'export et son fichier sont effacés."

    return _changed(request, pk, act)


urlpatterns = [
    path("exports", mes_exports, name="exports"),
    path("exports/<int:pk>/fichier", fichier, name="export-fichier"),
    path("exports/<int:pk>/annuler", annuler, name="export-annuler"),
    path("exports/<int:pk>/effacer", effacer, name="export-effacer"),
]
