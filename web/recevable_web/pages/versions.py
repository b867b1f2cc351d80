"""How a dossier became what it is: its versions and what differs between two, its events, the notes of agents."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import recevable
from recevable_web.actions import dossiers, notes, versions
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, acting, asking, number, seen
from recevable_web.pages.opening import opened, undecided
from recevable_web.pages.uploads import taking
from recevable_web.records.models import Dossier, DossierVersion, Event, Role

# What made a version, in words; another origin is a fact of the agency.
_ORIGINS: Final = {
    "import": "dossier reçu",
    "saisie": "dossier saisi",
    "demandeur": "complément du demandeur",
    "appreciation": "appréciation d'un agent",
}
_FACT: Final = "donnée consignée par l'agence"
# More bytes than any dossier has: the reader of the engine says that the file is too large.
_MOST_BYTES: Final = 2_000_000


@require_safe
def liste(request: HttpRequest, pk: int) -> HttpResponse:
    """The versions of a dossier, and what differs between two: the last and the one before, or those asked for."""
    found = opened(request, pk, "versions")
    last = found.version.rank
    before = number(request.GET.get("avant"))
    old, new = number(request.GET.get("de")) or max(last - 1, 1), number(request.GET.get("a")) or last
    asked = DossierVersion.objects.filter(dossier=found.dossier, rank__in={old, new}).defer("payload", "overlay")
    known = {one.rank: one for one in asked}
    context = found.context("versions", de=old, a=new, instruit_version=found.dossier.version)
    if found.dossier.erased_id is not None:
        context["refus"] = "Le contenu de ces versions a été effacé : elles ne se comparent plus."
    elif old in known and new in known and old != new:
        for one in known.values():
            one.dossier = found.dossier
        try:
            context["comparaison"] = versions.compare(known[old], known[new])
            context["auteur"] = known[new]
        except Refused as refused:
            context["refus"] = refused.message
        except (recevable.Contradiction, recevable.InvalidDossier) as error:
            context["refus"] = undecided(error)
    elif old not in known or new not in known:
        context["refus"] = "Une de ces versions n'existe pas : choisissez-en deux dans la liste."
    listed = DossierVersion.objects.filter(dossier=found.dossier).defer("payload", "overlay", "composed")
    if before:
        listed = listed.filter(rank__lt=before)
    shown = list(listed.select_related("author").order_by("-rank")[: PAGE + 1])
    context["lignes"] = [
        (one, _ORIGINS.get(one.origin, _FACT), found.since is not None and one.at > found.since) for one in shown[:PAGE]
    ]
    context["suivante"] = shown[PAGE - 1].rank if len(shown) > PAGE else None
    return render(request, "guichet/versions.html", context)


@taking(2 * _MOST_BYTES)
@require_POST
def completer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the applicant answered: a new version of what was supplied."""
    file = request.FILES.get("fichier")

    def act(found: Dossier) -> str:
        if file is None:
            raise Refused("FICHIER", "Choisissez le fichier JSON reçu du demandeur.")
        version = dossiers.supplement(
            asking(request), found, number(request.POST.get("vue")), file.read(_MOST_BYTES + 1), file.name or "sans nom"
        )
        return f"Complément reçu : version {version.rank}, évaluée. Les versions d'avant restent consultables."

    return acting(request, pk, act, "versions")


@require_safe
def historique(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened to a dossier and who did it, the last first."""
    found = opened(request, pk, "historique")
    before = number(request.GET.get("avant"))
    events = Event.objects.filter(dossier=found.dossier).select_related("account")
    if before:
        events = events.filter(pk__lt=before)
    shown = list(events.order_by("-pk")[: PAGE + 1])
    since = found.since
    context = found.context(
        "historique",
        evenements=[
            (one, since is not None and one.at > since and one.account_id != found.actor.pk) for one in shown[:PAGE]
        ],
        suivante=shown[PAGE - 1].pk if len(shown) > PAGE else None,
    )
    return render(request, "guichet/historique.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def carnet(request: HttpRequest, pk: int) -> HttpResponse:
    """The notes of agents on a dossier, and a form to add one."""
    if request.method == "POST":
        try:
            notes.add(asking(request), seen(request, pk), request.POST.get("texte", ""))
            messages.success(request, "La note est ajoutée.")
        except Refused as refused:
            messages.error(request, refused.message)
        return redirect("notes", pk=pk)
    found = opened(request, pk, "notes")
    before = number(request.GET.get("avant"))
    listed = found.dossier.notes.select_related("author")
    if before:
        listed = listed.filter(pk__lt=before)
    shown = list(listed.order_by("-pk")[: PAGE + 1])
    context = found.context(
        "notes",
        notes=[(one, found.since is not None and one.at > found.since) for one in shown[:PAGE]],
        suivante=shown[PAGE - 1].pk if len(shown) > PAGE else None,
        ecrit=found.may(Role.INSTRUCTOR, Role.VALIDATOR, Role.CONTROLLER),
        au_plus=notes.LONGEST,
    )
    return render(request, "guichet/notes.html", context)


urlpatterns = [
    path("dossiers/<int:pk>/versions", liste, name="versions"),
    path("dossiers/<int:pk>/completer", completer, name="completer"),
    path("dossiers/<int:pk>/historique", historique, name="historique"),
    path("dossiers/<int:pk>/notes", carnet, name="notes"),
]
