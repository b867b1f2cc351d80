"""Re-evaluations in batch: starting one, how far it is, and what moved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recevable_web.actions import batches, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, attempt, day, number
from recevable_web.records.models import READERS, Batch


@require_http_methods(["GET", "POST"])
def reevaluations(request: HttpRequest) -> HttpResponse:
    """The batches of the programmes that somebody follows, and the form that starts one."""
    actor = asking(request)
    if not rights.programmes(actor, batches.OBSERVERS):
        raise Http404
    mine = sorted(rights.programmes(actor, batches.STARTERS))
    if request.method == "POST":
        try:
            on = day(request.POST.get("jour", "")) or timezone.localdate()
            batch = batches.ask(actor, request.POST.get("programme", ""), on)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "La réévaluation est lancée.")
            return redirect("reevaluation", pk=batch.pk)
    before = number(request.GET.get("avant"))
    found = batches.visible(actor)
    listed = list(
        (found.filter(pk__lt=before) if before else found).select_related("asked_by").order_by("-pk")[: PAGE + 1]
    )
    progress = batches.progress(listed[:PAGE])
    context = {
        "lots": [(one, progress.get(one.pk)) for one in listed[:PAGE]],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "programmes": mine,
        "aujourdhui": timezone.localdate(),
    }
    return render(request, "guichet/reevaluations.html", context)


@require_safe
def reevaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch: how far it is, the verdicts that moved, then dossier by dossier for those who may open them."""
    grants = list(rights.grants(asking(request)).values_list("programme", "role"))
    mine = Batch.objects.filter(programme__in={name for name, role in grants if role in batches.OBSERVERS})
    batch = mine.select_related("asked_by", "pack").filter(pk=pk).first()
    if batch is None:
        raise Http404
    held = {role for name, role in grants if name == batch.programme}
    reads = bool(held & set(READERS))
    after = number(request.GET.get("apres"))
    decided = request.GET.get("liste") == "decides"
    results: list[Any] = []
    if reads:
        found = batch.results.filter(decided=decided, pk__gt=after).select_related("dossier")
        results = list(found.order_by("pk")[: PAGE + 1])
    rows = batches.matrix(batch)
    context = {
        "lot": batch,
        "avance": batches.progress([batch]).get(batch.pk),
        "ouverts": [row for row in rows if not row["decided"]],
        "decides": [row for row in rows if row["decided"]],
        "lit": reads,
        "liste_decides": decided,
        "resultats": results[:PAGE],
        "suivante": results[PAGE - 1].pk if len(results) > PAGE else None,
        "annulable": batch.state == Batch.State.RUNNING and bool(held & set(batches.STARTERS)),
    }
    return render(request, "guichet/reevaluation.html", context)


@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a batch."""
    batch = batches.visible(asking(request)).filter(pk=pk).first()
    if batch is None:
        raise Http404

    def act() -> str:
        batches.cancel(asking(request), batch)
        return "La réévaluation est annulée : ce qui était évalué le reste."

    attempt(request, act)
    return redirect("reevaluation", pk=pk)


urlpatterns = [
    path("reevaluations", reevaluations, name="reevaluations"),
    path("reevaluations/<int:pk>", reevaluation, name="reevaluation"),
    path("reevaluations/<int:pk>/annuler", annuler, name="reevaluation-annuler"),
]
