"""The rules of a programme: what is in force, what is proposed, what changes from a version to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import batches, publishing, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, asking, attempt, day, number
from recevable_web.records.models import UNFINISHED, PackComparison, PackSubmission, PackVersion, Publication, Role

_CHANGES: Final = {"ajoute": "ajouté", "retire": "retiré", "modifie": "modifié"}


def _programme(request: HttpRequest) -> tuple[str, list[str]]:
    programmes = sorted(rights.programmes(asking(request), publishing.OBSERVERS))
    if not programmes:
        raise Http404
    programme = request.GET.get("programme", programmes[0])
    if programme not in programmes:
        raise Http404
    return programme, programmes


@require_safe
def regles(request: HttpRequest) -> HttpResponse:
    """What is in force, the publications, the proposals, and the forms to compare and to propose."""
    programme, programmes = _programme(request)
    today = timezone.localdate()
    published = list(
        Publication.objects.filter(programme=programme)
        .select_related("pack", "published_by", "submission__submitted_by")
        .order_by("-in_force_from", "-id")[:PAGE]
    )
    current = next((one for one in published if one.in_force_from <= today), None)
    opened = None if current is None else packs.opened(current.pack_id)
    held = set(rights.grants(asking(request)).filter(programme=programme).values_list("role", flat=True))
    proposals = PackSubmission.objects.filter(programme=programme).select_related("submitted_by").order_by("-pk")
    context = {
        "programme": programme,
        "programmes": programmes,
        "publications": [(one, one == current, one.in_force_from > today) for one in published],
        "en_vigueur": current,
        "ouvert": opened,
        "regles": 0 if opened is None else len(opened.pack.rules),
        "parametres": 0 if opened is None else len(opened.pack.parameters),
        "propositions": proposals[:PAGE],
        "versions": PackVersion.objects.filter(programme=programme).order_by("-pk")[:PAGE],
        "propose": bool(held & set(publishing.SUBMITTERS)),
        "relance": bool(held & set(batches.STARTERS)),
        "aujourdhui": today,
    }
    return render(request, "guichet/regles.html", context)


@require_POST
def deposer(request: HttpRequest) -> HttpResponse:
    """Propose a pack as a ZIP archive."""
    form, file = request.POST, request.FILES.get("archive")
    try:
        if file is None:
            raise Refused("ARCHIVE", "Choisissez l'archive ZIP du paquet de règles.")
        files = publishing.from_archive(file.read(publishing.MOST_ARCHIVE + 1))
        on = day(form.get("a_partir_du", "")) or timezone.localdate()
        found = publishing.submit(
            asking(request), form.get("programme", ""), files, on, form.get("nom", ""), form.get("motif", "")
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("regles")
    messages.success(request, "Les règles sont déposées : elles sont contrôlées, puis une autre personne les approuve.")
    return redirect("proposition", pk=found.pk)


def _seen(request: HttpRequest, pk: int) -> PackSubmission:
    found = publishing.visible(asking(request)).select_related("submitted_by", "settled_by", "pack", "publication")
    one = found.filter(pk=pk).first()
    if one is None:
        raise Http404
    return one


@require_safe
def proposition(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposed pack: what the checks found, what changes, and the form of approval."""
    one, actor = _seen(request, pk), asking(request)
    held = set(rights.grants(actor).filter(programme=one.programme).values_list("role", flat=True))
    base = one.report.get("base")
    comparison = PackComparison.objects.filter(old=base, new=one.pack).first() if base and one.pack else None
    open_ = one.outcome == PackSubmission.Outcome.OPEN
    context = {
        "proposition": one,
        "en_cours": one.status in UNFINISHED,
        "fautes": one.report.get("fautes", []),
        "joues": one.report.get("joues", 0),
        "comparaison": comparison,
        "changements": None if comparison is None else _changes(comparison),
        "approuve": open_ and one.pack and Role.PUBLISHER in held and one.submitted_by_id != actor.pk,
        "ecarte": open_ and (Role.PUBLISHER in held or one.submitted_by_id == actor.pk),
        "essaie": one.pack is not None and bool(held & set(batches.STARTERS)),
        "mienne": one.submitted_by_id == actor.pk,
        "date": max(one.in_force_from, timezone.localdate()),
    }
    return render(request, "guichet/proposition.html", context)


def _acting(request: HttpRequest, pk: int, act: Callable[[PackSubmission], str]) -> HttpResponse:
    one = _seen(request, pk)
    attempt(request, lambda: act(one))
    return redirect("proposition", pk=pk)


@require_POST
def approuver(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a proposed pack in force."""

    def act(one: PackSubmission) -> str:
        on = day(request.POST.get("a_partir_du", ""))
        if on is None:
            raise Refused("DATE", "Donnez le jour d'entrée en vigueur.")
        publishing.approve(asking(request), one, on)
        return f"Ces règles entrent en vigueur le {recevable.wording.day(on)}."

    return _acting(request, pk, act)


@require_POST
def ecarter(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a proposed pack aside."""

    def act(one: PackSubmission) -> str:
        publishing.discard(asking(request), one, request.POST.get("motif", ""))
        return "La proposition est écartée."

    return _acting(request, pk, act)


@require_POST
def essayer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a proposed pack would do to the dossiers, and keep nothing."""
    one = _seen(request, pk)
    try:
        if one.pack is None:
            raise Refused("CONTROLE", "Ces règles n'ont pas passé tous les contrôles.")
        batch = batches.ask(asking(request), one.programme, max(one.in_force_from, timezone.localdate()), pack=one.pack)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("proposition", pk=pk)
    return redirect("reevaluation", pk=batch.pk)


@require_http_methods(["GET", "POST"])
def comparer(request: HttpRequest) -> HttpResponse:
    """What changes in meaning from a version to another; asked by a form the first time, worked out by a worker."""
    form = request.POST if request.method == "POST" else request.GET
    programmes = rights.programmes(asking(request), publishing.OBSERVERS)
    known = PackVersion.objects.filter(programme__in=programmes)
    sides = known.in_bulk([number(form.get("de")), number(form.get("a"))])
    old, new = sides.get(number(form.get("de"))), sides.get(number(form.get("a")))
    if old is None or new is None or old.programme != new.programme:
        raise Http404
    if old == new:
        messages.error(request, "Choisissez deux versions différentes.")
        return redirect("regles")
    if request.method == "POST":
        publishing.compare(old, new)
        return redirect(f"{request.path}?de={old.pk}&a={new.pk}")
    found = PackComparison.objects.filter(old=old, new=new).first()
    context = {
        "ancien": old,
        "nouveau": new,
        "comparaison": found,
        "changements": None if found is None else _changes(found),
    }
    return render(request, "guichet/comparer.html", context)


def _changes(comparison: PackComparison) -> dict[str, Any] | None:
    """What changes, in words; None until it is worked out."""
    if not comparison.changes:
        return None
    found = comparison.changes
    parameters = [
        {
            **_part(one),
            "periodes": [
                {
                    "du": date.fromisoformat(period["du"]),
                    "au": date.fromisoformat(period["au"]) if period["au"] else None,
                    "avant": _value_words(period["avant"], one["type"]),
                    "apres": _value_words(period["apres"], one["type"]),
                }
                for period in one["periodes"]
            ],
        }
        for one in found["parametres"]
    ]
    rules = [_part(one) for one in found["regles"]]
    effective = [one for one in (*parameters, *rules) if one["effet"]]
    return {
        "parametres": [one for one in parameters if one["effet"]],
        "regles": [one for one in rules if one["effet"]],
        "redaction": [one for one in (*parameters, *rules) if not one["effet"]],
        "programme": found["programme"],
        "champs": [(one["champ"], _CHANGES[one["changement"]]) for one in found["schema"]["champs"]],
        "schema": found["schema"]["change"],
        "aucun": not (effective or found["programme"] or found["schema"]["change"]),
    }


def _part(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "nom": one["nom"],
        "titre": one["titre"],
        "changement": _CHANGES[one["changement"]],
        "effet": one["peut_changer_une_decision"],
        "cles": one["cles"],
        "place": f"{one['fichier']}:{one['ligne']}",
    }


def _value_words(value: Mapping[str, Any], kind: str) -> str:
    """A value of a parameter in French."""
    if not value["en_vigueur"]:
        return "sans valeur"
    written = value["valeur"]
    try:
        if written is None or written == "inconnue":
            return "inconnue"
        if kind == "montant":
            return recevable.wording.amount(Decimal(written))
        if kind == "date":
            return recevable.wording.day(date.fromisoformat(written))
        if kind == "instant":
            return recevable.wording.moment(datetime.fromisoformat(written), timezone.get_current_timezone())
    except (ValueError, InvalidOperation, TypeError):
        return str(written)
    return str(written)


urlpatterns = [
    path("regles", regles, name="regles"),
    path("regles/deposer", deposer, name="regles-deposer"),
    path("regles/comparer", comparer, name="regles-comparer"),
    path("regles/propositions/<int:pk>", proposition, name="proposition"),
    path("regles/propositions/<int:pk>/approuver", approuver, name="proposition-approuver"),
    path("regles/propositions/<int:pk>/ecarter", ecarter, name="proposition-ecarter"),
    path("regles/propositions/<int:pk>/essayer", essayer, name="proposition-essayer"),
]
