"""A dossier, what is judged in it, and the acts that are prepared and signed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import acts, appraisals, dossiers, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import acting, asking, day, number, seen
from recevable_web.records.models import Access, Dossier, Draft, Role, Verdict


@require_safe
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """A dossier: what the machine proposes and why, what only a person can judge, the drafts and the acts."""
    found = seen(request, pk)
    Access.objects.create(account=asking(request), dossier=found, what="dossier")
    version, today = dossiers.latest(found), timezone.localdate()
    evaluation = dossiers.evaluate(version, today)
    programme = packs.opened(evaluation.pack_id)
    decision = programme.decide(programme.read(bytes(version.composed), found.reference), today)
    actor = asking(request)
    context = {
        "dossier": found,
        "version": version,
        "evaluation": evaluation,
        "decision": decision,
        "identique": programme.to_json(decision) == dossiers.decision(evaluation),
        "demandes": [_request(one) for one in decision.requests],
        "appreciations": decision.appraisals,
        "projets": found.drafts.select_related("prepared_by", "settled_by").order_by("-id"),
        "actes": found.acts.order_by("-rank"),
        "evenements": found.events.select_related("account").order_by("-id")[:50],
        "instruit": rights.has(actor, found.programme, Role.INSTRUCTOR),
        "valide": rights.has(actor, found.programme, Role.VALIDATOR),
        "moi": actor,
        "verdicts": Verdict.choices,
        "aujourdhui": today,
    }
    return render(request, "guichet/dossier.html", context)


def _request(one: recevable.RequestDecision) -> dict[str, Any]:
    """What is shown of a request: what stands against it, what only signals, what is satisfied or does not apply."""
    points = recevable.points(one.findings)
    return {
        "decision": one,
        "titre": one.title,
        "contre": [p for p in points if p.consequence is not None and str(p.consequence) != "signaler"],
        "signale": [p for p in points if p.consequence is not None and str(p.consequence) == "signaler"],
        "satisfait": [f for f in one.findings if str(f.result) == "satisfait"],
        "sans_objet": [f for f in one.findings if str(f.result) == "sans_objet"],
    }


@require_POST
def apprecier(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the answer to a question that only a person can judge."""
    form = request.POST

    def act(found: Dossier) -> str:
        expires = day(form.get("terme", ""))
        appraisals.record(
            asking(request), found, number(form.get("vue")), form.get("regle", ""), form.get("reponse", ""),
            form.get("motif", ""), expires,
        )  # fmt: skip
        return "L'appréciation est consignée, et le dossier évalué de nouveau."

    return acting(request, pk, act)


@require_safe
def effets(request: HttpRequest, pk: int, rule: str) -> HttpResponse:
    """Before anything is saved: what each answer to a question would decide."""
    found = seen(request, pk)
    try:
        foreseen = list(appraisals.consequences(found, rule))
    except Refused:
        raise Http404 from None
    question = next(line for line in appraisals.open_questions(found) if line.rule == rule)
    context = {
        "dossier": found,
        "question": question,
        "effets": foreseen,
        "instruit": rights.has(asking(request), found.programme, Role.INSTRUCTOR),
    }
    return render(request, "guichet/effets.html", context)


@require_POST
def preparer(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare an act for somebody else to sign."""
    form = request.POST

    def act(found: Dossier) -> str:
        verdict = form.get("verdict", "")
        if verdict not in Verdict.values:
            raise Refused("VERDICT", "Choisissez ce que la décision répond.")
        acts.prepare(
            asking(request), found, number(form.get("vue")), form.get("demande", ""), Verdict(verdict),
            reason=form.get("motif", ""), source=form.get("source", ""),
        )  # fmt: skip
        return "La décision est préparée : une autre personne doit la signer."

    return acting(request, pk, act)


@require_POST
def signer(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a draft."""
    return _settling(request, pk, lambda one: f"Signé : acte n° {acts.sign(asking(request), one).rank}.")


@require_POST
def renvoyer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft back."""

    def act(one: Draft) -> str:
        acts.send_back(asking(request), one, request.POST.get("commentaire", ""))
        return "Le projet est renvoyé à l'instructeur."

    return _settling(request, pk, act)


def _settling(request: HttpRequest, pk: int, act: Callable[[Draft], str]) -> HttpResponse:
    draft = Draft.objects.select_related("dossier", "prepared_by").filter(pk=pk).first()
    if draft is None:
        raise Http404
    return acting(request, draft.dossier_id, lambda _: act(draft))


urlpatterns = [
    path("dossiers/<int:pk>", dossier, name="dossier"),
    path("dossiers/<int:pk>/apprecier", apprecier, name="apprecier"),
    path("dossiers/<int:pk>/preparer", preparer, name="preparer"),
    path("dossiers/<int:pk>/questions/<str:rule>", effets, name="effets"),
    path("projets/<int:pk>/signer", signer, name="signer"),
    path("projets/<int:pk>/renvoyer", renvoyer, name="renvoyer"),
]
