"""The letters of a dossier: those that were made with acts, previews of what would be sent, acknowledgements."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import acts, decisions, dossiers, letters
from recevable_web.actions.refused import Refused
from recevable_web.pages import working
from recevable_web.pages.common import acting, asking, day, number, readable, seen
from recevable_web.pages.dossier import fixed
from recevable_web.pages.opening import Opened, opened
from recevable_web.records.models import Access, Draft, Evaluation, EvaluationRequest, Letter, Verdict

# How many letters a page lists.
_LISTED: Final = 50


@require_safe
def courriers(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters of a dossier, the newest first, and the requests whose reception can be acknowledged."""
    found = opened(request, pk, "courriers")
    listed = Letter.objects.filter(dossier=found.dossier).select_related("act").order_by("-pk")
    after = number(request.GET.get("apres"))
    if after:
        listed = listed.filter(pk__lt=after)
    shown = list(listed[: _LISTED + 1])
    page = shown[:_LISTED]
    titles = _titles(found)
    waiting = {one.letter: working.post(one.kind, one.day) for one in found.delays}
    context = found.context(
        "courriers",
        courriers=[
            (one, letters.title(one), titles.get(one.request, one.request), waiting.get(one.pk, "remis"))
            for one in page
        ],
        suivante=page[-1].pk if len(shown) > _LISTED else None,
        a_accuser=_unacknowledged(found, titles),
    )
    return render(request, "guichet/courriers.html", context)


def _titles(found: Opened) -> dict[str, str]:
    if found.pack is None:
        return {}
    return {name: one.title for name, one in packs.opened(found.pack.pk).manifest.requests.items()}


def _unacknowledged(found: Opened, titles: dict[str, str]) -> list[dict[str, Any]]:
    """The requests of the dossier whose reception has no acknowledgement yet, when the programme writes them."""
    try:
        kinds = () if found.pack is None else recevable.letters.kinds(packs.opened(found.pack.pk))
    except recevable.InvalidPack:
        kinds = ()
    if not any(kind.name == letters.ACKNOWLEDGEMENT for kind in kinds):
        return []
    done = set(found.dossier.letters.filter(kind=letters.ACKNOWLEDGEMENT).values_list("request", "key"))
    held = EvaluationRequest.objects.filter(evaluation__version=found.version).values_list("name", "key").distinct()
    left = sorted({*held} - done, key=lambda one: (list(titles).index(one[0]) if one[0] in titles else 0, one[1]))
    return [
        {"name": name, "key": key, "title": titles.get(name, name), "id": f"{name}-{key}" if key else name}
        for name, key in left
    ]


@require_safe
def courrier(request: HttpRequest, rank: int) -> HttpResponse:
    """The PDF of a letter, as it was made; that it was read is kept."""
    one = Letter.objects.filter(pk=rank, dossier__programme__in=readable(request)).select_related("dossier").first()
    if one is None:
        raise Http404
    try:
        content = letters.pdf(one)
    except Refused:
        raise Http404 from None
    programme = one.dossier.programme
    Access.objects.create(account=asking(request), programme=programme, dossier=one.dossier, what="courrier")
    return file(content, f"{one.dossier.reference} {one.kind} {one.on.isoformat()}.pdf")


def file(content: bytes, name: str) -> HttpResponse:
    """A letter to download."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def apercu(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter that would announce a decision that nobody has prepared yet, or an acknowledgement."""
    found, form = seen(request, pk), request.POST
    try:
        wanted = _wanted(found, form)
        if wanted is None:
            raise Refused("SANS-COURRIER", "Ce programme n'écrit pas de courrier.")
        return file(letters.preview(found, wanted, asking(request)), f"{found.reference} apercu.pdf")
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("courriers", pk=pk)


def _wanted(found: Any, form: Any) -> letters.Wanted | None:
    name, key, verdict = form.get("demande", ""), form.get("cle", ""), form.get("verdict", "")
    last = day(form.get("avant", ""))
    if not verdict:
        return letters.acknowledgement(found, name, key, last)
    if verdict not in Verdict.values:
        raise Refused("VERDICT", "Choisissez ce que la décision répond.")
    evaluation = letters.evaluated(found, name, key)
    return letters.telling(evaluation, name, key, verdict, _facts(evaluation, form, verdict))


def _facts(evaluation: Evaluation, form: Any, verdict: str) -> dict[str, Any]:
    """What the form of a decision adds to it."""
    name, key = form.get("demande", ""), form.get("cle", "")
    decision = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on).request(name, key)
    facts: dict[str, Any] = {}
    last = day(form.get("avant", ""))
    if last is not None and verdict == Verdict.COMPLETE:
        facts["completer_avant_le"] = last.isoformat()
    reason, source = form.get("motif", "").strip(), form.get("source", "").strip()
    if decision.verdict != verdict and reason and source:
        facts |= decisions.departing(reason, source, fixed(form) if verdict == Verdict.ACCEPT else None)
    return facts


@require_safe
def apercu_projet(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter that would announce a draft, with its watermark."""
    draft = (
        Draft.objects.select_related("dossier", "prepared_by", "evaluation__version__dossier", "evaluation__pack")
        .filter(pk=pk, dossier__programme__in=readable(request))
        .first()
    )
    if draft is None:
        raise Http404
    try:
        content = acts.preview(draft)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("projet", pk=pk)
    return file(content, f"{draft.dossier.reference} apercu.pdf")


@require_POST
def accuser(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge the reception of a request."""
    form = request.POST

    def act(found: Any) -> str:
        letter = letters.acknowledge(
            asking(request), found, number(form.get("vue")), form.get("demande", ""), form.get("cle", ""),
            day(form.get("avant", "")),
        )  # fmt: skip
        return f"L'accusé de réception est produit : acte n° {letter.act_id}."

    return acting(request, pk, act, "courriers")


urlpatterns = [
    path("dossiers/<int:pk>/courriers", courriers, name="courriers"),
    path("dossiers/<int:pk>/courriers/apercu", apercu, name="apercu"),
    path("dossiers/<int:pk>/courriers/accuser", accuser, name="accuser"),
    path("projets/<int:pk>/apercu", apercu_projet, name="apercu-projet"),
    path("contenus/courriers/<int:rank>", courrier, name="courrier"),
]
