"""A dossier, what is judged in it, and the acts that are prepared and signed on it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import acts, appraisals, completing, completions, decisions, dossiers, reservations, versions
from recevable_web.actions.refused import Refused
from recevable_web.pages import working
from recevable_web.pages.common import acting, asking, cents, day, number, readable, seen
from recevable_web.pages.opening import Delay, Opened, cause, opened, request_view, undecided
from recevable_web.records.models import (
    CompletionRequest,
    Dossier,
    Draft,
    Evaluation,
    Procedure,
    ProcedureStep,
    State,
    Verdict,
)

# How many drafts, and requests for completion, the page of a dossier shows.
_DRAFTS = 20
_COMPLETIONS = 10
_VERDICTS: Final = tuple(Verdict.choices)


@require_safe
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """A dossier: what the machine proposes and why, what only a person can judge, and the decision to take."""
    found = opened(request, pk, "dossier")
    try:
        dossiers.whole(found.dossier)
    except Refused as refused:
        return render(request, "guichet/dossier.html", found.context("dossier", refus=refused.message))
    try:
        evaluation = _evaluation(found)
        shown = None if evaluation is None else _shown(found, evaluation)
    except (recevable.Contradiction, recevable.InvalidDossier) as error:
        return render(request, "guichet/dossier.html", found.context("dossier", refus=undecided(error)))
    if evaluation is None:
        refusal = "Aucune règle du programme n'est en vigueur aujourd'hui : rien ne peut être proposé."
        return render(request, "guichet/dossier.html", found.context("dossier", refus=refusal))
    programme = packs.opened(evaluation.pack_id)
    context = found.context(
        "dossier",
        evaluation=evaluation,
        programme=programme.manifest.title,
        montre=shown,
        projets=[(one, _title(programme, one)) for one in _drafts(found)],
        echeance=working.deadline(found.dossier.clock, found.dossier.deadline, found.today, found.dossier.resumes),
        delais=_delays(found),
        attente=[(one, working.post(one.kind, one.day)) for one in found.delays if one.letter is not None],
        **_completions(found, programme),
        delai=_given(programme, found.today),
        reservation=_reservation(found),
        verdicts=_VERDICTS,
    )
    return render(request, "guichet/dossier.html", context)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a decision, the same for everybody: as a page, and what the forms are about.

    `same`: whether the engine that is installed still gives the decision that was stored.
    """

    html: SafeString
    in_force: str
    same: bool
    requests: tuple[dict[str, Any], ...]
    receipt: Any


# The last ones, by what they are made of: a page is mostly this, and it is the same until something moves.
_KEPT: dict[tuple[Any, ...], Shown] = {}
_MOST_KEPT = 200
_LOCK = threading.Lock()


def _shown(found: Opened, evaluation: Evaluation) -> Shown:
    key = (found.dossier.pk, found.dossier.reference, found.version.sha256, evaluation.pack.digest, evaluation.sha256)
    shown = _KEPT.get(key)
    if shown is None:
        shown = _written(found, evaluation)
        with _LOCK:
            if len(_KEPT) >= _MOST_KEPT:
                _KEPT.pop(next(iter(_KEPT)))
            _KEPT[key] = shown
    return shown


def _written(found: Opened, evaluation: Evaluation) -> Shown:
    programme, pack = packs.opened(evaluation.pack_id), evaluation.pack_id
    decision = dossiers.decided(found.version, evaluation.pack, evaluation.on)
    requests = [request_view(programme, pack, decision, one) for one in decision.requests]
    context = {
        "dossier": found.dossier,
        "demandes": requests,
        "recouvrement": _recovery(programme, pack, decision),
    }
    return Shown(
        html=mark_safe(render_to_string("guichet/demandes.html", context)),  # a template escapes
        in_force=recevable.sections.in_force(decision),
        same=hashlib.sha256(programme.to_json(decision)).hexdigest() == evaluation.sha256,
        requests=tuple(
            {
                "id": view["id"],
                "name": one.name,
                "key": one.key,
                "title": one.title,
                "verdict": str(one.verdict),
                "provisional": one.provisional,
                "sum": "" if one.proposed is None else _maximum(one) or _NO_MAXIMUM,
            }
            for view, one in zip(requests, decision.requests, strict=True)
        ),
        receipt=decision.receipt,
    )


_NO_MAXIMUM: Final = "Les règles ne lui fixent pas de maximum."


def _maximum(one: recevable.RequestDecision) -> str:
    """What bounds the sum of a request, in a sentence; empty when nothing does."""
    if one.maximum is None:
        return ""
    value = one.maximum.value
    limit = "inconnu" if value is None else f"{recevable.wording.amount(value)} au plus"
    return f"« {one.maximum.title} » : {limit}."


def _evaluation(found: Opened) -> Evaluation | None:
    """What the pack in force answers today, stored; None when there are no rules."""
    if found.pack is None:
        return None
    return found.evaluation or dossiers.evaluate(found.version, found.today)


def _reservation(found: Opened) -> dict[str, Any] | None:
    """Who works on the dossier now, in words, and whether it is the user."""
    kept = found.reservation
    if kept is None or kept.until <= timezone.now():
        return None
    return {"mots": reservations.words(kept), "moi": kept.account_id == found.actor.pk}


def _delays(found: Opened) -> SafeString:
    """The delays of the dossier as dates, in their order, but those that have passed and ask nothing of anybody."""
    shown = (one for one in found.delays if one.letter is None and (one.stands or one.day >= found.today))
    return SafeString("".join(_delay(one, found.today) for one in shown))


_TO_CONFIRM: Final = ' <span class="fr-badge fr-badge--sm fr-badge--warning">À confirmer</span>'


def _delay(one: Delay, today: date) -> str:
    until = working.until(one.day, one.instant, one.resumes, today, one.counted)
    about = f" ({escape(one.subject)})" if one.subject else ""
    begins = f", compté depuis le {recevable.wording.day(one.begins)}" if one.begins else ""
    source = f'<p class="guichet-source">{escape(one.source)}</p>' if one.source else ""
    sentence = f"{escape(one.title)}{about} : <strong>{escape(until)}</strong>{begins}."
    return f"<li>{sentence}{_TO_CONFIRM if one.to_confirm else ''}{source}</li>"


def _drafts(found: Opened) -> list[Draft]:
    """The decisions that were prepared, the last first; most dossiers have none, and the question is a long one."""
    if not found.drafts:
        return []
    decisions = found.dossier.drafts.filter(kind=Draft.Kind.DECISION).select_related("prepared_by", "settled_by", "act")
    # a decision is undone once, by the act that its procedure decided
    undoing = ProcedureStep.objects.filter(
        procedure__kind=Procedure.Kind.UNDOING, procedure__decision=OuterRef("act__pk"), kind=ProcedureStep.Kind.DECIDED
    )
    undone = {
        f"undone_{name}": Subquery(undoing.values(column)[:1])
        for name, column in (("by", "act"), ("on", "on"), ("effect", "act__kind"))
    }
    return list(decisions.annotate(**undone).order_by("-id")[:_DRAFTS])


def _completions(found: Opened, programme: recevable.Programme) -> dict[str, Any]:
    """What the applicant was asked to complete, the last first, and the answer that brought the dossier back."""
    if not found.completions:
        return {"complements": [], "revenu": None}
    asked = found.dossier.completions.select_related("answer", "closed_by")
    kept = list(asked.order_by("-pk")[:_COMPLETIONS])
    for one in kept:
        known = programme.manifest.requests.get(one.request)
        vars(one)["request_title"] = known.title if known is not None else one.request
    answered = [one for one in kept if one.answer is not None]
    back = found.dossier.state == State.TO_INSTRUCT and answered
    return {
        "complements": [(one, not one.outcome and one.due < found.today) for one in kept],
        "revenu": answered[0] if back else None,
    }


def _given(programme: recevable.Programme, today: date) -> tuple[str, date | None, bool] | None:
    """The delay that the programme gives to an applicant: in words, its last day if it begins today, whether it is
    to be confirmed; None when it says none.
    """
    clock = completing.given(programme, today)
    if clock is None or clock.delay is None:
        return None
    return recevable.wording.duration(clock.delay), clock.day, clock.to_confirm


def _recovery(programme: recevable.Programme, pack: int, decision: recevable.Decision) -> dict[str, Any] | None:
    reported = [one for one in decision.recovery_findings if one.message and str(one.result) != "a_apprecier"]
    if not decision.recovery and not reported:
        return None
    sections = recevable.sections
    return {
        "aucun_ordre": sections.NOBODY_ORDERS if any(not case.closed for case in decision.recovery) else "",
        "cas": [
            {
                "case": case,
                "etape": sections.step(case),
                "modalite": sections.modality(case),
                "base": sections.basis(case),
            }
            for case in decision.recovery
        ],
        "constats": [cause(programme, pack, "recouvrement", one) for one in reported],
        "appreciations": [line for line in decision.appraisals if "recouvrement" in line.requests],
    }


def _title(programme: recevable.Programme, draft: Draft) -> str:
    asked = programme.manifest.requests.get(draft.request)
    return asked.title if asked is not None else draft.request


@require_safe
def controles(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Every rule on a request: its tests in words, what each answered, and the values that it read."""
    found = opened(request, pk, "controles")
    pack = found.pack
    if pack is None or found.dossier.erased_id is not None:
        raise Http404
    decision = dossiers.decided(found.version, pack, found.today, trace=True)
    one = next((one for one in decision.requests if one.label == name), None)
    if one is None:
        raise Http404
    programme = packs.opened(pack.pk)
    traced: dict[str, list[Any]] = {}
    for line in one.trace:
        sentences = programme.conditions(one.name, line.rule, line.cause)
        whole = len(sentences) >= len(line.tests)
        tests = [(sentences[rank] if whole else test.text, test) for rank, test in enumerate(line.tests)]
        traced.setdefault(line.rule, []).append(tests)
    rules: dict[str, list[Any]] = {}
    for finding in one.findings:
        rules.setdefault(finding.rule, []).append(finding)
    results = recevable.sections.RESULTS
    shown = [(findings, results[findings[0].result][0], traced.get(rule, [])) for rule, findings in rules.items()]
    context = found.context(
        "dossier",
        demande=one,
        controles=recevable.sections.counts(one),
        regles=shown,
        programme=programme.manifest.title,
    )
    return render(request, "guichet/dossier_controles.html", context)


# --- what only a person can judge -------------------------------------------------------------------------------------


@require_POST
def apprecier(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the answer to a question that only a person can judge."""
    form = request.POST

    def act(found: Any) -> str:
        expires = day(form.get("terme", ""))
        appraisals.record(
            asking(request), found, number(form.get("vue")), form.get("regle", ""), form.get("reponse", ""),
            form.get("motif", ""), expires,
        )  # fmt: skip
        return "L'appréciation est consignée, et le dossier évalué de nouveau."

    return acting(request, pk, act)


@require_safe
def effets(request: HttpRequest, pk: int, rule: str) -> HttpResponse:
    """Before anything is saved: what each answer to a question would decide, and what no answer decides."""
    found = opened(request, pk, "question")
    try:
        question, foreseen = appraisals.foreseen(found.version, rule)
    except Refused:
        raise Http404 from None
    past = appraisals.history(found.dossier, rule)
    context = found.context(
        "dossier",
        question=question,
        etat=recevable.sections.state(question),
        effets=[_effect(question, answer, decision) for answer, decision in foreseen],
        passees=past,
        complement=appraisals.supplied_since(past[0]) if past and question.state == "consignee" else 0,
    )
    return render(request, "guichet/effets.html", context)


def _effect(question: recevable.AppraisalLine, answer: str, decision: recevable.Decision) -> dict[str, Any]:
    """What an answer decides: each request, the cases of recovery if the question is about them, what the rule says."""
    asked = [one for one in decision.requests if one.label in question.requests]
    findings = [f for one in asked for f in one.findings] + list(decision.recovery_findings)
    messages = [f.message for f in findings if f.rule == question.rule and f.message and answer != appraisals.NO_ANSWER]
    recovers = "recouvrement" in question.requests
    return {
        "reponse": answer,
        "consignee": bool(answer) and answer == question.record.get("reponse") and question.state == "consignee",
        "demandes": [
            {
                "titre": one.title,
                "verdict": recevable.sections.VERDICTS[one.verdict],
                "nom": str(one.verdict),
                "reserve": one.provisional,
                "montant": recevable.sections.payable(one) if one.verdict == "accepter" else "",
            }
            for one in decision.requests
        ],
        "recouvrement": [f"{case.title} : {recevable.sections.step(case)}" for case in decision.recovery if recovers],
        "messages": list(dict.fromkeys(messages)),
    }


# --- acts -------------------------------------------------------------------------------------------------------------


def fixed(form: Any) -> decisions.Fixed | None:
    """The sum that the form of a decision fixes; None when it is left empty."""
    given = form.get("somme", "").strip()
    return decisions.Fixed(cents(given), form.get("motif_somme", "")) if given else None


@require_POST
def preparer(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare an act for somebody else to sign."""
    form = request.POST

    def act(found: Any) -> str:
        verdict = form.get("verdict", "")
        if verdict not in Verdict.values:
            raise Refused("VERDICT", "Choisissez ce que la décision répond.")
        acts.prepare(
            asking(request), found, number(form.get("vue")), form.get("demande", ""), Verdict(verdict),
            reason=form.get("motif", ""), source=form.get("source", ""), key=form.get("cle", ""),
            due=day(form.get("avant", "")), fixed=fixed(form),
        )  # fmt: skip
        return "La décision est préparée : une autre personne doit la signer."

    return acting(request, pk, act)


@require_safe
def projet(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft as it was prepared, what has moved since, and what to do with it: sign, send back, take back."""
    draft = (
        Draft.objects.select_related("prepared_by", "settled_by", "act", "evaluation__version", "evaluation__pack")
        .filter(pk=pk, dossier__programme__in=readable(request))
        .first()
    )
    if draft is None:
        raise Http404
    found = opened(request, draft.dossier_id, "projet")
    if draft.kind != Draft.Kind.DECISION:
        return _act(request, found, draft)
    if found.dossier.erased_id is not None:
        return redirect("dossier", pk=found.dossier.pk)
    evaluation = draft.evaluation
    assert evaluation is not None
    evaluation.version.dossier = draft.dossier = found.dossier
    programme = packs.opened(evaluation.pack_id)
    decision = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on)
    one = decision.request(draft.request, draft.key)
    moved = acts.what_moved(found.dossier, draft) if draft.status == Draft.Status.PREPARED else []
    context = found.context(
        "dossier",
        projet=draft,
        preparee=evaluation,
        d=request_view(programme, evaluation.pack_id, decision, one),
        programme=programme.manifest.title,
        proposition=recevable.sections.VERDICTS[one.verdict],
        bouge=moved,
        maximum=_maximum(one),
        reponse=_answer_by(draft, found.today),
        reponse_choisie=completions.chosen(draft) is not None,
        compare=found.version.rank != evaluation.version.rank,
    )
    return render(request, "guichet/projet.html", context)


def _act(request: HttpRequest, found: Opened, draft: Draft) -> HttpResponse:
    """A draft of another kind than a decision: what it binds the agency to, in words."""
    kind = acts.KINDS[draft.kind]
    draft.dossier = found.dossier
    context = found.context(
        "",
        projet=draft,
        titre=kind.title(draft),
        lignes=kind.lines(draft),
        bouge=acts.what_moved(found.dossier, draft) if draft.status == Draft.Status.PREPARED else [],
        courrier=kind.letter(draft) is not None,
    )
    return render(request, "guichet/projet_acte.html", context)


def _answer_by(draft: Draft, today: date) -> date | None:
    """The last day that a decision to ask for more gives, or gave; None for another decision."""
    if draft.verdict != Verdict.COMPLETE:
        return None
    if draft.status == Draft.Status.SIGNED:
        return CompletionRequest.objects.get(act__draft=draft).due
    try:
        return completions.last_day(draft, today)
    except Refused:
        return None


@require_POST
def retirer_complement(request: HttpRequest, pk: int, completion: int) -> HttpResponse:
    """Take back what the applicant was asked to complete."""

    def act(found: Dossier) -> str:
        kept = found.completions.select_related("dossier").filter(pk=completion).first()
        if kept is None:
            raise Http404
        completions.withdraw(asking(request), kept, request.POST.get("motif", ""))
        return "La demande de complément est retirée ; les délais courent de nouveau."

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


@require_POST
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a draft."""

    def act(one: Draft) -> str:
        acts.withdraw(asking(request), one)
        return "Le projet est retiré."

    return _settling(request, pk, act)


def _settling(request: HttpRequest, pk: int, act: Callable[[Draft], str]) -> HttpResponse:
    draft = Draft.objects.select_related("dossier", "prepared_by").filter(pk=pk).first()
    if draft is None:
        raise Http404
    return acting(request, draft.dossier_id, lambda _: act(draft))


# --- the receipt ------------------------------------------------------------------------------------------------------


@require_POST
def recalculer(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute a stored decision again, from its receipt, and say whether it is the same."""
    found = seen(request, pk)
    evaluation = (
        Evaluation.objects.select_related("version__dossier", "pack")
        .filter(pk=number(request.POST.get("evaluation")), version__dossier=found)
        .first()
    )
    if evaluation is None or found.erased_id is not None:
        raise Http404
    differences = versions.verify(asking(request), evaluation)
    shown = opened(request, pk, "recalcul")
    context = shown.context("dossier", evaluation=evaluation, differences=differences)
    return render(request, "guichet/recalcul.html", context)


urlpatterns = [
    path("dossiers/<int:pk>", dossier, name="dossier"),
    path("dossiers/<int:pk>/controles/<path:name>", controles, name="controles"),
    path("dossiers/<int:pk>/apprecier", apprecier, name="apprecier"),
    path("dossiers/<int:pk>/preparer", preparer, name="preparer"),
    path("dossiers/<int:pk>/questions/<path:rule>", effets, name="effets"),
    path("dossiers/<int:pk>/complements/<int:completion>/retirer", retirer_complement, name="retirer-complement"),
    path("dossiers/<int:pk>/recalculer", recalculer, name="recalculer"),
    path("projets/<int:pk>", projet, name="projet"),
    path("projets/<int:pk>/signer", signer, name="signer"),
    path("projets/<int:pk>/renvoyer", renvoyer, name="renvoyer"),
    path("projets/<int:pk>/retirer", retirer, name="retirer"),
]
