"""The queue: the dossiers that somebody may open, by state."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from recevable_web.actions import rights
from recevable_web.pages.common import PAGE, asking, number
from recevable_web.records.models import Evaluation, Role, State

TABS: Final = {
    "a-instruire": ("À instruire", [State.RECEIVED, State.TO_INSTRUCT]),
    "a-valider": ("À valider", [State.TO_VALIDATE]),
    "en-attente": ("En attente du demandeur", [State.TO_COMPLETE]),
    "decides": ("Décidés", [State.DECIDED]),
}


@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """The dossiers that may be opened, by state, the oldest first, a page after a key."""
    tab = request.GET.get("onglet", "a-instruire")
    if tab not in TABS:
        raise Http404
    found = rights.visible(asking(request)).filter(state__in=TABS[tab][1])
    words = request.GET.get("q", "").strip()
    if words:
        found = found.filter(reference__icontains=words)
    after = number(request.GET.get("apres"))
    if after:
        found = found.filter(pk__gt=after)
    listed = list(found.order_by("pk")[: PAGE + 1])
    # the last evaluation of each, in one question
    answers = _answers([one.pk for one in listed[:PAGE]])
    context = {
        "onglets": [(key, label, key == tab) for key, (label, _) in TABS.items()],
        "onglet": tab,
        "lignes": [(one, answers.get(one.pk, [])) for one in listed[:PAGE]],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "q": words,
        "peut_importer": bool(rights.programmes(asking(request), [Role.INSTRUCTOR])),
    }
    return render(request, "guichet/file.html", context)


def _answers(dossiers_: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    evaluations = Evaluation.objects.filter(version__dossier__in=dossiers_).order_by("version__dossier", "-id")
    last: dict[int, int] = {}
    for pk, dossier in evaluations.values_list("pk", "version__dossier"):
        last.setdefault(dossier, pk)
    owners = {pk: dossier for dossier, pk in last.items()}
    requests = Evaluation.objects.filter(pk__in=owners).values_list("pk", "requests__name", "requests__verdict")
    for pk, name, verdict in requests.order_by("requests__id"):
        found.setdefault(owners[pk], []).append(f"{name} : {verdict}")
    return found


urlpatterns = [path("", file, name="file")]
