"""A letter on its way: how it left, whether it arrived or came back, and what to record next."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from recevable_web import packs
from recevable_web.actions import pieces, sending
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import asking, attempt, day, readable
from recevable_web.pages.opening import Opened, opened
from recevable_web.pages.uploads import taking
from recevable_web.records.models import CompletionRequest, Letter, Sending, SendingEvent

_FORM: Final = 100_000


@require_safe
def envois(request: HttpRequest, pk: int) -> HttpResponse:
    """The sendings of a letter, each with what is known of it, and the forms to record what comes next."""
    letter = _letter(request, pk)
    found = opened(request, letter.dossier_id, "envois")
    sent = list(letter.sendings.select_related("author").prefetch_related("events__author", "events__proof"))
    shown = [(one, list(one.events.all())) for one in sorted(sent, key=lambda one: one.rank)]
    last = shown[-1][0] if shown else None
    facts = [event for event in shown[-1][1] if event.kind != SendingEvent.Kind.DEPOSITED] if shown else []
    stands = max(facts, key=lambda event: event.pk) if facts else None
    context = found.context(
        "courriers",
        courrier=letter,
        demande=_title(found, letter),
        envois=shown,
        dernier=last,
        etat=stands,
        voies=Sending.Channel.choices,
        causes=SendingEvent.Why.choices,
        a_completer=CompletionRequest.objects.filter(act=letter.act_id).values_list("due", flat=True).first(),
    )
    return render(request, "guichet/envois.html", context)


def _title(found: Opened, letter: Letter) -> str:
    known = None if found.pack is None else packs.opened(found.pack.pk).manifest.requests.get(letter.request)
    return letter.request if known is None else known.title


def _letter(request: HttpRequest, pk: int) -> Letter:
    found = (
        Letter.objects.select_related("act", "dossier").filter(dossier__programme__in=readable(request)).filter(pk=pk)
    )
    one: Letter | None = found.first()
    if one is None:
        raise Http404
    return one


@require_POST
def envoyer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a letter, for the first time or again."""
    letter, form = _letter(request, pk), request.POST

    def act() -> str:
        sending.send(asking(request), letter, form.get("voie", ""), _on(form), form.get("motif", ""))
        return "L'envoi est consigné."

    return _done(request, letter, act)


@taking(pieces.MOST_BYTES + _FORM)
@require_POST
def remis(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a sending reached the applicant, and by what proof."""
    one = _sending(request, pk)

    def act() -> str:
        sending.deliver(asking(request), one, _on(request.POST), request.POST.get("preuve", ""), _file(request))
        return "La remise est consignée : les délais qu'elle fait courir sont comptés de ce jour."

    return _done(request, one.letter, act)


@taking(pieces.MOST_BYTES + _FORM)
@require_POST
def revenu(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a sending came back."""
    one, form = _sending(request, pk), request.POST

    def act() -> str:
        sending.come_back(
            asking(request), one, _on(form), form.get("cause", ""), form.get("precision", ""), _file(request)
        )
        return "Le retour est consigné : ce courrier est à envoyer de nouveau."

    return _done(request, one.letter, act)


def _sending(request: HttpRequest, pk: int) -> Sending:
    found = Sending.objects.select_related("letter__dossier", "letter__act")
    one: Sending | None = found.filter(letter__dossier__programme__in=readable(request), pk=pk).first()
    if one is None:
        raise Http404
    return one


def _on(form: Any) -> Any:
    on = day(form.get("le", ""))
    if on is None:
        raise Refused("DATE", "Dites quel jour.")
    return on


def _file(request: HttpRequest) -> tuple[str, bytes] | None:
    file = request.FILES.get("piece")
    return None if file is None else (file.name or "sans nom", file.read(pieces.MOST_BYTES + 1))


def _done(request: HttpRequest, letter: Letter, act: Any) -> HttpResponse:
    attempt(request, act)
    return redirect("envois", pk=letter.pk)


urlpatterns = [
    path("courriers/<int:pk>", envois, name="envois"),
    path("courriers/<int:pk>/envoyer", envoyer, name="envoyer"),
    path("envois/<int:pk>/remis", remis, name="remis"),
    path("envois/<int:pk>/revenu", revenu, name="revenu"),
]
