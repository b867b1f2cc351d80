"""Procedures: those of a dossier, one step by step, and every recovery by its prescription."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import acts, decisions, payments, procedures, recovery, undoing
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, acting, asking, attempt, cents, day, number, readable
from recevable_web.pages.opening import opened
from recevable_web.records.models import Dossier, DossierVersion, Draft, PackVersion, Procedure, Role

# Lines of the form of the bases of an order.
_BASES: Final = 5
_STEPS: Final = (Draft.Kind.NOTICE, Draft.Kind.CLAIM, Draft.Kind.ORDER, Draft.Kind.UNDOING)
Stage = Procedure.Stage


@require_safe
def recouvrements(request: HttpRequest) -> HttpResponse:
    """The open recoveries, the soonest prescribed first."""
    programmes = readable(request)
    if not programmes:
        raise Http404
    after = number(request.GET.get("apres"))
    found = list(recovery.listed(programmes)[after : after + PAGE + 1])
    context = {"procedures": lines(found[:PAGE]), "suivante": after + PAGE if len(found) > PAGE else None}
    return render(request, "guichet/recouvrements.html", context)


def lines(found: list[Procedure]) -> list[dict[str, Any]]:
    """Procedures as a table shows them, with the end of the control window of their programme."""
    packs_ = packs.all_in_force({one.programme for one in found}, timezone.localdate())
    windows = {one.programme: window(one) for one in packs_}
    return [
        {
            "procedure": one,
            "modalite": recevable.sections.modality_words(one.modality),
            "fenetre": windows.get(one.programme),
        }
        for one in found
    ]


def window(pack: PackVersion | None) -> date | None:
    """The first day on which the control window of a programme may be over; None when it is not known."""
    clock = next(iter(procedures.clocks_of(pack, "controle", None)), None)
    return None if clock is None else clock.day


# --- those of a dossier -----------------------------------------------------------------------------------------------


@require_safe
def du_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """What may be opened on a dossier, and what is or was."""
    found = opened(request, pk, "procedures")
    requests = _requests(found.dossier)
    known = list(found.dossier.procedures.order_by("-pk"))
    balances = payments.balances(found.dossier, procedures=known)
    busy = {(one.request, one.key) for one in known
            if one.kind == Procedure.Kind.UNDOING and one.stage != Stage.CLOSED}  # fmt: skip
    signed = [(one, decisions.binding(balances[one[:2]].act)) for one in requests if one[:2] in balances]
    context = found.context(
        "procedures-dossier",
        **_openings(found.version, found.pack, requests, known, balances),
        actes=[(one, act) for one, act in signed if act is not None and one[:2] not in busy],
        mene=found.may(*procedures.LEADERS),
        fondements=Procedure.Ground.choices,
        effets=Procedure.Effect.choices,
    )
    return render(request, "guichet/procedures_dossier.html", context)


def openings(dossier: Dossier) -> dict[str, Any]:
    """What may be opened to recover a sum on a dossier, or why the rules say nothing; and the procedures there are."""
    known = list(dossier.procedures.order_by("-pk"))
    balances = payments.balances(dossier, procedures=known)
    pack = packs.in_force(dossier.programme, timezone.localdate())
    version = dossier.versions.select_related("dossier").order_by("-rank")[:1].get()
    return _openings(version, pack, _requests(dossier), known, balances)


def _openings(
    version: DossierVersion,
    pack: PackVersion | None,
    requests: list[tuple[str, str, str]],
    known: list[Procedure],
    balances: Mapping[tuple[str, str], payments.Balance],
) -> dict[str, Any]:
    recovering = Procedure.Kind.RECOVERY
    busy = {(one.rule, one.request, one.key) for one in known if one.kind == recovering and one.stage != Stage.CLOSED}
    over = [(one, balances[one[:2]].over) for one in requests if one[:2] in balances]
    try:
        cases, refused = recovery.findings(version, pack), ""
    except (recevable.Contradiction, recevable.InvalidDossier, Refused) as error:
        cases, refused = (), f"Les règles ne disent rien de ce dossier : {error}"
    return {
        "refus_regles": refused,
        "procedures": known,
        "cas": [
            {"cas": case, "modalite": recevable.sections.modality(case), "etape": recevable.sections.step(case)}
            for case in cases
            if (case.rule, "", "") not in busy
        ],
        "trop": [(one, paid) for one, paid in over if paid and ("", *one[:2]) not in busy],
    }


def _requests(dossier: Dossier) -> list[tuple[str, str, str]]:
    return [(one.name, one.key, one.title) for one in dossier.queue_requests.order_by("pk")]


@require_POST
def ouvrir(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a procedure: on a case of the rules, on what was paid too much, on a decision to undo."""
    form, actor = request.POST, asking(request)

    def act(found: Dossier) -> str:
        seen, since, reason = number(form.get("vue")), day(form.get("depuis", "")), form.get("motif", "")
        if since is None:
            raise Refused("DATE", "Donnez le jour où l'agence a connu les faits.")
        asked = form.get("demande", ""), form.get("cle", "")
        if form.get("nature") == "retrait":
            ground, effect = form.get("fondement", ""), form.get("effet", "")
            undoing.open_undoing(actor, found, seen, *asked, ground, effect, since, reason)
        elif form.get("nature") == "trop":
            recovery.open_overpaid(actor, found, seen, *asked, since, reason)
        else:
            recovery.open_finding(actor, found, seen, form.get("regle", ""), since, reason)
        return "La procédure est ouverte."

    return acting(request, pk, act, "procedures-dossier")


# --- one --------------------------------------------------------------------------------------------------------------


@require_safe
def procedure(request: HttpRequest, pk: int) -> HttpResponse:
    """A procedure: what was done, what comes next, until when."""
    visible = Procedure.objects.filter(programme__in=readable(request))
    kept = visible.select_related("decision", "opened_by").filter(pk=pk).first()
    if kept is None:
        raise Http404
    found = opened(request, kept.dossier_id, "procedure")
    recovering = kept.kind == Procedure.Kind.RECOVERY
    proposed, source = procedures.proposed_days(kept, found.pack)
    drafts = found.dossier.drafts.filter(kind__in=_STEPS, about=str(kept.pk)).order_by("-pk")
    left = None if kept.decided_cents is None else kept.decided_cents - kept.repaid_cents
    context = found.context(
        "procedures-dossier",
        procedure=kept,
        modalite=recevable.sections.modality_words(kept.modality) if kept.modality else "",
        fenetre=window(found.pack) if recovering and kept.rule else None,
        etapes=kept.steps.select_related("account", "act").order_by("rank"),
        projets=[(one, title(one)) for one in drafts.select_related("prepared_by", "settled_by")[:PAGE]],
        recouvrement=recovering,
        delai=proposed,
        delai_source=source,
        attend=procedures.unheard(kept),
        remis=procedures.delivered_on(kept) if kept.stage == Stage.TO_NOTIFY else None,
        seuil=recovery.under_threshold(kept, found.pack) if kept.stage == Stage.DECIDED else "",
        maximum=kept.basis == recovery.MAXIMUM,
        reste=left,
        bases=range(1, _BASES),
        suites=undoing.SEQUELS.items(),
        mene=found.may(*(procedures.LEADERS if recovering else (Role.INSTRUCTOR,))),
        arrete=found.may(Role.VALIDATOR),
    )
    return render(request, "guichet/procedure.html", context)


def title(draft: Draft) -> str:
    """What a draft of a step is."""
    return acts.KINDS[draft.kind].title(draft)


@require_POST
def faire(request: HttpRequest, pk: int) -> HttpResponse:
    """Do a step of a procedure, or prepare the one that has to be signed."""
    kept = Procedure.objects.filter(pk=pk, programme__in=readable(request)).first()
    if kept is None:
        raise Http404
    act = _ACTS.get(request.POST.get("etape", ""), _unknown)
    attempt(request, lambda: act(request, kept))
    return redirect("procedure", pk=pk)


def _unknown(request: HttpRequest, kept: Procedure) -> str:
    raise Refused("ETAPE", "Choisissez l'étape à faire.")


_TO_SIGN: Final = "L'acte est préparé : une autre personne doit le signer."


def _notice(request: HttpRequest, kept: Procedure) -> str:
    form = request.POST
    procedures.prepare_notice(
        asking(request), kept, form.get("griefs", ""), form.get("source", ""), number(form.get("delai"))
    )  # fmt: skip
    return _TO_SIGN


def _notify(request: HttpRequest, kept: Procedure) -> str:
    procedures.notify(asking(request), kept, day(request.POST.get("le", "")), request.POST.get("preuve", ""))
    return "La notification est consignée : le délai pour répondre court."


def _observe(request: HttpRequest, kept: Procedure) -> str:
    procedures.observe(asking(request), kept, day(request.POST.get("le", "")), request.POST.get("texte", ""))
    return "Les observations sont consignées."


def _claim(request: HttpRequest, kept: Procedure) -> str:
    form = request.POST
    recovery.prepare_claim(
        asking(request), kept, cents(form.get("montant", "")), form.get("motif", ""), form.get("source", ""),
        form.get("proportionnalite", ""),
    )  # fmt: skip
    return _TO_SIGN


def _order(request: HttpRequest, kept: Procedure) -> str:
    columns = [request.POST.getlist(name) for name in ("libelle", "montant", "source")]
    rows = [row for row in zip(*columns, strict=False) if any(cell.strip() for cell in row)]
    recovery.prepare_order(asking(request), kept, [(name, cents(sum_), source) for name, sum_, source in rows])
    return _TO_SIGN


def _repay(request: HttpRequest, kept: Procedure) -> str:
    form = request.POST
    given = cents(form.get("montant", ""))
    recovery.repay(asking(request), kept, day(form.get("le", "")), given, form.get("reference", ""))
    return "Le reversement est consigné."


def _stop(request: HttpRequest, kept: Procedure) -> str:
    stop = recovery.abandon if kept.kind == Procedure.Kind.RECOVERY else undoing.abandon
    stop(asking(request), kept, request.POST.get("motif", ""))
    return "La procédure est close."


def _undo(request: HttpRequest, kept: Procedure) -> str:
    undoing.prepare_undoing(asking(request), kept, request.POST.get("suite", ""), request.POST.get("motif", ""))
    return _TO_SIGN


_ACTS: Final[Mapping[str, Callable[[HttpRequest, Procedure], str]]] = {
    "mise_en_demeure": _notice,
    "notifier": _notify,
    "observer": _observe,
    "decision": _claim,
    "ordre": _order,
    "reverser": _repay,
    "clore": _stop,
    "retrait": _undo,
}


urlpatterns = [
    path("recouvrements", recouvrements, name="recouvrements"),
    path("dossiers/<int:pk>/procedures", du_dossier, name="procedures-dossier"),
    path("dossiers/<int:pk>/procedures/ouvrir", ouvrir, name="procedure-ouvrir"),
    path("procedures/<int:pk>", procedure, name="procedure"),
    path("procedures/<int:pk>/faire", faire, name="procedure-faire"),
]
