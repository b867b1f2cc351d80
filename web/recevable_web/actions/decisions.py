"""Decisions on requests: prepared on an evaluation, which they follow or depart from with a reason and a source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import completing, completions, dossiers, drafts, history, letters, statistics
from recevable_web.actions.payment_files import euros
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Evaluation,
    Role,
    State,
    Verdict,
)

# Characters of the reference of a text.
_SOURCE: Final = 300
# Where a draft and its act keep why an acceptance fixes the sum that it fixes.
_WHY: Final = "motif_de_la_somme"
_AFTER = {Verdict.COMPLETE: State.TO_COMPLETE, Verdict.ACCEPT: State.DECIDED, Verdict.REJECT: State.DECIDED}


@dataclass(frozen=True, slots=True)
class Fixed:
    """The sum, in cents, that an acceptance fixes when it departs from the rules, and why this one."""

    cents: int
    reason: str


def fixed_in(draft: Draft) -> Fixed | None:
    """The sum that a decision fixes; None when it follows the rules, or fixes none."""
    cents = draft.fixed_cents
    return None if cents is None else Fixed(cents, draft.content[_WHY])


def departing(reason: str, source: str, fixed: Fixed | None) -> dict[str, Any]:
    """What a letter is given of a decision that departs from the rules."""
    facts: dict[str, Any] = {"ecart": [{"texte": reason, "source": source}]}
    return facts if fixed is None else {**facts, "montant": fixed.cents, "motif_montant": fixed.reason}


class DecisionKind(drafts.Kind):
    """A decision on a request: it is based on an evaluation, and is stale when another day decides otherwise."""

    def title(self, draft: Draft) -> str:
        """See Kind."""
        return f"{draft.request} : {Verdict(draft.verdict).label.lower()}"

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        evaluation, today = _evaluation(draft), timezone.localdate()
        found = []
        version = dossiers.latest(dossier)
        if evaluation.version_id != version.pk:
            found.append(f"Le dossier a une nouvelle version (la {version.rank}).")
        pack = packs.in_force(dossier.programme, today)
        if pack is None or pack.pk != evaluation.pack_id:
            found.append("Les règles en vigueur ont changé.")
        if found:
            return found
        # another day may decide otherwise: a deadline has passed, an appraisal has expired
        try:
            before = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on)
            again = dossiers.decided(evaluation.version, evaluation.pack, today)
        except recevable.Contradiction:
            return ["Au jour de la signature, les règles se contredisent sur ce dossier."]
        old, new = (decision.request(draft.request, draft.key) for decision in (before, again))
        if new.provisional:
            return ["Une appréciation est de nouveau ouverte."]
        last = completions.chosen(draft)
        if last is not None and completions.fault(last, today):
            return [completions.fault(last, today)]
        if _grounds(old) != _grounds(new):
            return ["Au jour de la signature, les règles proposent autre chose."]
        fixed = fixed_in(draft)
        wrong = "" if fixed is None else recevable.sum_fault(new, euros(fixed.cents))
        return [wrong] if wrong else []

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """The letter that tells the decision, with the reason when it departs from the proposal."""
        facts: dict[str, Any] = {} if draft.follows else departing(draft.reason, draft.source, fixed_in(draft))
        if draft.verdict == Verdict.COMPLETE:
            facts[completions.CHOSEN] = completions.last_day(draft, timezone.localdate()).isoformat()
        return letters.telling(_evaluation(draft), draft.request, draft.key, draft.verdict, facts)

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """The decision and all that it is based on, by digests, with the proposal as it was."""
        evaluation = _evaluation(draft)
        decision = json.loads(dossiers.decision(evaluation))
        content = {
            "dossier": draft.dossier.reference,
            "version": evaluation.version.rank,
            "dossier_sha256": evaluation.version.sha256,
            "demande": draft.request,
            "cle": draft.key or None,
            "verdict": draft.verdict,
            "suit_la_proposition": draft.follows,
            "motif": draft.reason or None,
            "source": draft.source or None,
            "decision_sha256": evaluation.sha256,
            "recu": decision["recu"],
            "proposition": decision["demandes"][draft.object],
        }
        if draft.verdict == Verdict.COMPLETE:
            content[completions.CHOSEN] = completions.last_day(draft, timezone.localdate()).isoformat()
        fixed = fixed_in(draft)
        if fixed is not None:
            content |= {Draft.FIXED: fixed.cents, _WHY: fixed.reason}
        return f"decision:{draft.verdict}", dossiers.encoded(content)

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State:
        """See Kind."""
        decision = json.loads(dossiers.decision(_evaluation(draft)))
        statistics.signed(act, decision["demandes"][draft.object])
        if draft.verdict == Verdict.COMPLETE:
            completions.ask(dossier, draft, act)
        else:
            completing.settle(act.validator or act.author, dossier, draft.request, draft.key)
        return _waiting(dossier) or _AFTER[Verdict(draft.verdict)]

    def dropped(self, dossier: Dossier, draft: Draft) -> State:
        """See Kind."""
        return _waiting(dossier) or State.TO_INSTRUCT


DECISION: Final = DecisionKind()
# What an act that undoes a decision says of the request: it is to be decided again.
AGAIN: Final = "a_decider"
_BINDING: Final = (f"decision:{Verdict.ACCEPT}", f"decision:{Verdict.REJECT}")


def on_requests(dossier: Dossier) -> QuerySet[Act]:
    """The acts that decided a request of a dossier, asked to complete it, or undid a decision on it, in their order."""
    acts = Act.objects.filter(dossier=dossier, draft__kind__in=(Draft.Kind.DECISION, Draft.Kind.UNDOING))
    return acts.select_related("draft__evaluation").order_by("rank")


def last(dossier: Dossier, request: str, key: str = "") -> Act | None:
    """The last of these acts on a request."""
    return on_requests(dossier).filter(draft__request=request, draft__key=key).last()


def in_force(dossier: Dossier, request: str, key: str = "") -> Act | None:
    """The signed acceptance or rejection of a request that no later act has undone; None when there is none."""
    return binding(last(dossier, request, key))


def binding(act: Act | None) -> Act | None:
    """The last act on a request, if it accepts or rejects it."""
    return act if act is not None and act.kind in _BINDING else None


def _open(dossier: Dossier, request: str, key: str) -> None:
    """Refuse to decide anew what was decided: a decision is undone by an act, with its ground."""
    found = last(dossier, request, key)
    if found is None or found.draft is None:
        return
    if found.kind in _BINDING:
        message = (
            f"Cette demande est déjà décidée (acte n° {found.rank}) : pour la décider de nouveau, retirez d'abord "
        )
        raise Refused("DECIDE", message + "cette décision, dans l'onglet « Procédures ».")
    if found.draft.kind == Draft.Kind.UNDOING and found.draft.content["suite"] != AGAIN:
        raise Refused("DECIDE", f"Cette demande est terminée (acte n° {found.rank}).")


def prepare(
    actor: Account,
    dossier: Dossier,
    seen: int,
    request: str,
    verdict: Verdict,
    *,
    reason: str = "",
    source: str = "",
    key: str = "",
    due: date | None = None,
    fixed: Fixed | None = None,
) -> Draft:
    """A decision for another person to sign; one that departs from the proposal has a reason and a legal source.

    `due` is the last day that a request for completion gives to the applicant; None: the delay of the programme, from
    the signature.  `fixed` is the sum of an acceptance that departs from the proposal, which has one if the request
    pays any.
    """
    with transaction.atomic():
        held = drafts.begin(actor, dossier, seen, Role.INSTRUCTOR)
        evaluation = dossiers.evaluate(dossiers.latest(held), timezone.localdate())
        proposal = dossiers.evaluated(evaluation, request, key)
        _open(held, request, key)
        if proposal.verdict not in Verdict.values:
            raise Refused(
                "INDECIDABLE",
                "Les règles ne décident pas cette demande : ce dont elles dépendent n'est pas connu. "
                "La page du dossier dit quoi ; rien ne se prépare d'ici là.",
            )
        follows = proposal.verdict == verdict
        reason, source = reason.strip(), source.strip()
        if not follows and not (reason and source):
            raise Refused(
                "MOTIF",
                "S'écarter de la proposition demande un motif et une référence de texte : ils fondent la décision.",
            )
        if len(source) > _SOURCE:
            raise Refused("SOURCE", f"La référence du texte a {len(source)} caractères : {_SOURCE} au plus.")
        if proposal.provisional:
            raise Refused("PROVISOIRE", "Une appréciation reste ouverte : répondez-y avant de préparer la décision.")
        content: dict[str, Any] = _sum(evaluation, request, key, verdict, fixed, follows=follows)
        if verdict == Verdict.COMPLETE:
            content |= _completion(evaluation, request, key, due, follows=follows)
        draft = drafts.create(
            actor, DECISION, held, Draft.Kind.DECISION, request=request, key=key, evaluation=evaluation,
            verdict=verdict, follows=follows, reason=reason, source=source, content=content,
        )  # fmt: skip
        dossiers.moved(held, State.TO_VALIDATE)
        words = "" if follows else ", en s'écartant de la proposition"
        words += f" : {recevable.wording.amount(euros(fixed.cents))}" if fixed is not None else ""
        history.tell(held, actor, "preparation", f"{DECISION.title(draft)}, préparé{words}.")
    return draft


def _sum(
    evaluation: Evaluation, request: str, key: str, verdict: Verdict, fixed: Fixed | None, *, follows: bool
) -> dict[str, Any]:
    """What a draft keeps of the sum that it fixes; Refused when it may fix none, or must fix one."""
    if follows or verdict != Verdict.ACCEPT:
        if fixed is not None:
            raise Refused("SOMME", "Une somme ne se fixe qu'en acceptant contre la proposition : laissez-la vide.")
        return {}
    one = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on).request(request, key)
    if fixed is None:
        if one.proposed is None:
            return {}
        raise Refused("SOMME", "Accepter contre la proposition demande de fixer la somme, et de dire pourquoi.")
    wrong = recevable.sum_fault(one, euros(fixed.cents))
    if wrong:
        raise Refused("SOMME", wrong)
    reason = fixed.reason.strip()
    if not reason:
        raise Refused("SOMME", "Dites pourquoi la somme fixée est celle-là : le courrier et le registre le disent.")
    return {Draft.FIXED: fixed.cents, _WHY: reason}


def _completion(evaluation: Evaluation, request: str, key: str, due: date | None, *, follows: bool) -> dict[str, str]:
    """What a draft keeps of a request for completion; Refused when it asks for nothing, or leaves no time for it."""
    today, programme = timezone.localdate(), packs.opened(evaluation.pack_id)
    one = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on).request(request, key)
    if follows and not completing.items(one, programme):
        raise Refused(
            "RIEN-A-DEMANDER",
            "Rien de ce qui manque n'est à fournir par le demandeur : la page du dossier dit à qui le demander.",
        )
    if due is None and completing.given(programme, today) is None:
        raise Refused("DELAI", "Ce programme ne dit pas quel délai laisser au demandeur : choisissez un dernier jour.")
    wrong = completions.fault(due, today) if due is not None else ""
    if wrong:
        raise Refused("DELAI", wrong)
    return {} if due is None else {completions.CHOSEN: due.isoformat()}


def _waiting(dossier: Dossier) -> State | None:
    """The state of a dossier on which another decision waits for its signature; None when there is none."""
    waiting = dossier.drafts.filter(kind=Draft.Kind.DECISION, status=Draft.Status.PREPARED).exists()
    return State.TO_VALIDATE if waiting else None


def _evaluation(draft: Draft) -> Evaluation:
    """The database refuses a decision without one."""
    assert draft.evaluation is not None
    return draft.evaluation


def _grounds(one: recevable.RequestDecision) -> tuple[object, ...]:
    """What a proposal is based on: the verdict, the amounts, and each rule that is not satisfied, by its cause."""
    against = [(f.rule, f.cause, f.result) for f in one.findings if f.consequence is not None]
    amounts = [(line.name, line.value) for line in one.amounts]
    return one.verdict, one.settled, against, amounts
