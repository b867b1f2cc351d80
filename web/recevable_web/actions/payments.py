"""Payments: proposed from a signed acceptance, signed by another person, ordered by a file, answered by the payer.

Nothing is ever ordered above what signed acts leave to pay on a request (`balance`), under the lock of its dossier.
What was paid becomes a fact of the agency in the dossier, where the programme says that it holds it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import decisions, dossiers, drafts, history, payment_files, rights
from recevable_web.actions.payment_files import Answer, euros
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    MADE,
    READERS,
    Access,
    Account,
    Act,
    Dossier,
    Draft,
    EvaluationRequest,
    Payment,
    PaymentAnswer,
    PaymentFile,
    PaymentFileContent,
    PaymentReturn,
    Procedure,
    Role,
    State,
    Verdict,
)
from recevable_web.tables import masked

# The kind of the acts.
ACT: Final = "paiement"
ACCEPTED: Final = f"decision:{Verdict.ACCEPT}"
REPEALED: Final = str(Procedure.Effect.REPEALED)
# Orders of one file: the others wait for the next.
MOST_ORDERS: Final = 1_000
CURRENCY: Final = "EUR"
_ENGAGED: Final = (Payment.Status.SIGNED, Payment.Status.ORDERED)
_NOT_RECORDED: Final = (Refused, recevable.InvalidDossier, recevable.Contradiction, recevable.EngineDisagreement)
_DONE: Final = (PaymentAnswer.Outcome.APPLIED, PaymentAnswer.Outcome.REPEATED)


# --- what is left to pay ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """In cents, on a request: what the acceptance in force has paid, what is engaged (ordered or about to be), paid.

    `decision` is that acceptance, None when there is none; `owed` is None when it fixes no sum.  `act` is the last act
    on the request, whatever it decides.
    """

    decision: Act | None
    owed: int | None
    engaged: int
    paid: int
    act: Act | None = None

    @property
    def left(self) -> int:
        """What may still be proposed; negative when more was paid than what is owed."""
        return (self.owed or 0) - self.engaged - self.paid

    @property
    def over(self) -> int:
        """What was paid above what is owed."""
        return max(0, self.paid - (self.owed or 0))


def balance(dossier: Dossier, request: str, key: str = "") -> Balance:
    """What acts and payments leave to pay on a request; the dossier must be locked for it to hold."""
    return balances(dossier).get((request, key), Balance(None, None, 0, 0))


def balances(
    dossier: Dossier, paying: Iterable[Payment] | None = None, procedures: Iterable[Procedure] | None = None
) -> dict[tuple[str, str], Balance]:
    """The same for each request (name and key) that was decided or paid.

    `paying` (with their `back`) and `procedures` are all those of the dossier, where the caller has read them.
    """
    acts = {(act.draft.request, act.draft.key): act for act in _decided(dossier) if act.draft is not None}
    engaged, paid = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in dossier.payments.select_related("back") if paying is None else paying:
        place = one.request, one.key
        engaged[place] += one.cents if one.status in _ENGAGED else 0
        paid[place] += one.paid_cents or 0 if returned(one) is None else 0
    for back in dossier.procedures.all() if procedures is None else procedures:
        if back.kind == Procedure.Kind.RECOVERY and not back.rule:
            # what was paid back of what was paid on a request
            paid[back.request, back.key] -= back.repaid_cents
    return {place: _balance(acts.get(place), engaged[place], paid[place]) for place in {**acts, **engaged, **paid}}


def returned(payment: Payment) -> PaymentReturn | None:
    """That the money of a payment came back; None when it did not."""
    back: PaymentReturn | None = getattr(payment, "back", None)
    return back


def _balance(act: Act | None, engaged: int, paid: int) -> Balance:
    if act is not None and act.kind == REPEALED:
        # for the future only: what was paid before stays owed
        return Balance(None, paid, engaged, paid, act)
    decision = act if act is not None and act.kind == ACCEPTED else None
    return Balance(decision, None if decision is None else _owed(decision), engaged, paid, act)


def _decided(dossier: Dossier) -> QuerySet[Act]:
    """The acts on the requests of a dossier, with the cents that the proposal pays (`proposed_cents`)."""
    of = EvaluationRequest.objects.filter(
        evaluation=OuterRef("draft__evaluation"), name=OuterRef("draft__request"), key=OuterRef("draft__key")
    )
    return decisions.on_requests(dossier).annotate(proposed_cents=Subquery(of.values("payable_cents")[:1]))


def _owed(decision: Act) -> int | None:
    """The cents that an acceptance has paid: those of the proposal that it follows, or that it fixes instead."""
    assert decision.draft is not None
    cents: int | None = vars(decision)["proposed_cents"] if decision.draft.follows else decision.draft.fixed_cents
    return cents


def payable(programmes: Sequence[str]) -> QuerySet[Draft]:
    """The signed acceptances of a sum of which no payment was ever signed, the first signed first."""
    proposed = EvaluationRequest.objects.filter(
        evaluation=OuterRef("evaluation"), name=OuterRef("request"), key=OuterRef("key"), payable_cents__gt=0
    )
    later = Draft.objects.filter(
        kind__in=(Draft.Kind.DECISION, Draft.Kind.UNDOING), status=Draft.Status.SIGNED, dossier=OuterRef("dossier"),
        request=OuterRef("request"), key=OuterRef("key"), pk__gt=OuterRef("pk"),
    )  # fmt: skip
    same = {"dossier": OuterRef("dossier"), "request": OuterRef("request"), "key": OuterRef("key")}
    waiting = Draft.objects.filter(**same, kind=Draft.Kind.PAYMENT, status=Draft.Status.PREPARED)
    return Draft.objects.filter(
        Q(Exists(proposed), follows=True) | Q(**{f"content__{Draft.FIXED}__gt": 0}, follows=False),
        ~Exists(later),
        ~Exists(waiting),
        ~Exists(Payment.objects.filter(MADE | Q(status__in=_ENGAGED), **same)),
        dossier__programme__in=programmes,
        kind=Draft.Kind.DECISION,
        status=Draft.Status.SIGNED,
        verdict=Verdict.ACCEPT,
    ).order_by("settled_at", "pk")


# --- proposed and signed ----------------------------------------------------------------------------------------------


class PaymentKind(drafts.Kind):
    """A payment: its content is what `_proposed` gives, and it is stale as soon as that would be something else."""

    def title(self, draft: Draft) -> str:
        """See Kind."""
        return f"{draft.request} : paiement de {_amount(draft.content['centimes'])}"

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """See Kind."""
        found = draft.content
        return [
            ("Somme à payer", _amount(found["centimes"])),
            ("Bénéficiaire", found["beneficiaire"]),
            ("Compte", masked(found["iban"])),
            ("Fondée sur", f"l'acceptation signée, acte n° {found['acte']}"),
            ("Rang", str(found["rang"])),
        ]

    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """See Kind."""
        try:
            found = _proposed(dossier, draft.request, draft.key)
        except Refused as refused:
            return [refused.message]
        moved = {
            "acte": "L'acceptation n'est plus celle sur laquelle ce paiement se fonde.",
            "centimes": "La somme qui reste à payer a changé.",
            "iban": "Le compte à payer a changé dans le dossier.",
            "bic": "Le compte à payer a changé dans le dossier.",
            "beneficiaire": "Le titulaire du compte a changé dans le dossier.",
        }
        return list(dict.fromkeys(sentence for name, sentence in moved.items() if found[name] != draft.content[name]))

    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """The sum, whom it goes to, and the acceptance; of the account, its ends and a digest."""
        found = dict(draft.content)
        iban = found.pop("iban")
        decision = Act.objects.get(rank=found["acte"])
        content = {
            "dossier": draft.dossier.reference,
            "demande": draft.request,
            "cle": draft.key or None,
            **found,
            "acte_empreinte": decision.digest,
            "iban": masked(iban),
            "iban_sha256": _digest(iban),
        }
        return ACT, dossiers.encoded(content)

    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """See Kind."""
        found = draft.content
        Payment.objects.create(
            dossier=dossier, programme=dossier.programme, request=draft.request, key=draft.key, rank=found["rang"],
            act=act, decision_id=found["acte"], cents=found["centimes"], name=found["beneficiaire"],
            iban=found["iban"], bic=found["bic"],
        )  # fmt: skip
        return None


PAYMENT: Final = PaymentKind()


def prepare(actor: Account, dossier: Dossier, seen: int, request: str, key: str = "") -> Draft:
    """A payment of all that is left to pay on a request, for another person to sign."""
    with transaction.atomic():
        held = drafts.begin(actor, dossier, seen, Role.INSTRUCTOR)
        content = _proposed(held, request, key)
        draft = drafts.create(
            actor, PAYMENT, held, Draft.Kind.PAYMENT, request=request, key=key, about=str(content["rang"]),
            content=content,
        )  # fmt: skip
        dossiers.moved(held)
        history.tell(held, actor, "preparation", f"{PAYMENT.title(draft)}, préparé.")
    return draft


def _proposed(dossier: Dossier, request: str, key: str) -> dict[str, Any]:
    """What a payment on a request would be today; Refused when nothing may be paid."""
    found = balance(dossier, request, key)
    if found.decision is None:
        raise Refused("ACTE", "Aucune acceptation signée de cette demande n'est en vigueur : rien ne peut être payé.")
    if not found.owed:
        raise Refused("SOMME", f"L'acte n° {found.decision.rank} ne fixe aucune somme à payer.")
    if found.left <= 0:
        raise Refused("REGLE", "Ce que l'acceptation signée fait payer est déjà payé, ou en cours de paiement.")
    version = dossiers.latest(dossier)
    pack = packs.in_force(dossier.programme, timezone.localdate())
    if pack is None:
        raise Refused("REGLES", "Aucune règle du programme n'est en vigueur aujourd'hui.")
    programme = packs.opened(pack.pk)
    if programme.manifest.payments is None:
        raise Refused("PROGRAMME", "Le programme ne dit pas à qui payer (« paiements », dans son manifeste).")
    if not found.paid:
        _unsettled(dossiers.decided(version, pack, timezone.localdate()), request, key)
    payee = programme.payee(programme.read(bytes(version.composed), dossier.reference))
    if payee.contradictions:
        raise Refused("COMPTE", f"Le dossier donne plusieurs comptes ({', '.join(payee.contradictions)}).")
    if not payee.name or not recevable.check_digits("iban", payee.iban):
        raise Refused("COMPTE", "Le dossier ne donne pas le titulaire et l'IBAN valide du compte à payer.")
    ranks = Payment.objects.filter(dossier=dossier, request=request, key=key)
    return {
        "acte": found.decision.rank,
        "rang": (ranks.aggregate(last=Max("rank"))["last"] or 0) + 1,
        "centimes": found.left,
        "beneficiaire": payee.name,
        "iban": payee.iban,
        "bic": payee.bic,
    }


def _unsettled(decision: recevable.Decision, request: str, key: str) -> None:
    """Refuse what the dossier says is paid already, or may be: nobody pays it twice."""
    try:
        settled = decision.request(request, key).settled
    except KeyError:
        raise Refused("DEMANDE", "Le dossier ne contient plus cette demande.") from None
    if settled is not False:
        sure = "dit cette demande déjà réglée" if settled else "ne permet pas de savoir si cette demande est réglée"
        raise Refused("DEJA-REGLE", f"Le dossier {sure} : corrigez ce qui y est consigné, ou ne payez pas.")


# --- ordered ----------------------------------------------------------------------------------------------------------


def order(actor: Account, programme: str, format_: str) -> PaymentFile:
    """A file of the payments of a programme that wait to be ordered, at most MOST_ORDERS: each is in one file only."""
    rights.require(actor, programme, Role.VALIDATOR)
    if format_ not in payment_files.FORMATS:
        raise Refused("FORMAT", "Choisissez un format de la liste.")
    with transaction.atomic():
        waiting = Payment.objects.filter(programme=programme, status=Payment.Status.SIGNED).order_by("pk")
        wanted = list(waiting.values_list("dossier", flat=True)[:MOST_ORDERS])
        # the dossiers first, as every action does: a payment that is being cancelled is waited for
        list(Dossier.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
        of = waiting.filter(dossier__in=wanted).select_for_update(of=("self",))
        found = list(of.select_related("dossier", "act")[:MOST_ORDERS])
        if not found:
            raise Refused("RIEN", "Aucun paiement signé n'attend d'être ordonné.")
        for one in found:
            _intact(one)
        content = payment_files.written(format_, programme, timezone.localtime(), [_order(one) for one in found])
        cents = sum(one.cents for one in found)
        file = _kept(actor, programme, PaymentFile.Direction.ORDERS, format_, "", content, len(found), cents)
        Payment.objects.filter(pk__in=[one.pk for one in found]).update(status=Payment.Status.ORDERED, file=file)
        for one in found:
            text = f"{one.request} : paiement de {_amount(one.cents)} ordonné ({payment_files.named(one.pk)})."
            history.tell(one.dossier, actor, "ordre", text)
    return file


def _intact(one: Payment) -> None:
    """Raise ValueError when what is to be paid is not what was sealed (content that was purged says nothing)."""
    content = getattr(one.act, "content", None)
    if content is not None:
        sealed = json.loads(bytes(content.content))
        if (sealed["centimes"], sealed["iban_sha256"]) != (one.cents, _digest(one.iban)):
            raise ValueError(f"payment {one.pk} is not what act {one.act_id} ordered")


def _order(one: Payment) -> payment_files.Order:
    label = " ".join(part for part in (one.dossier.reference, one.request, one.key) if part)
    name = payment_files.named(one.pk)
    return payment_files.Order(name, one.name, one.iban, one.bic, one.cents, CURRENCY, label, one.act_id)


def _kept(
    actor: Account, programme: str, direction: PaymentFile.Direction, format_: str, name: str, content: bytes,
    number: int, cents: int = 0, faults: Sequence[str] = (),
) -> PaymentFile:  # fmt: skip
    file = PaymentFile.objects.create(
        programme=programme, direction=direction, format=format_, name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), number=number, cents=cents,
        faults=list(faults), account=actor,
    )  # fmt: skip
    PaymentFileContent.objects.create(file=file, content=content)
    return file


def content(actor: Account, file: PaymentFile) -> bytes:
    """The bytes of a file; a file of orders holds whole accounts, so opening it is recorded.

    Raises Refused: no right, or erased.
    """
    rights.require(actor, file.programme, Role.VALIDATOR)
    if not PaymentFileContent.objects.filter(file=file).exists():
        raise Refused("EFFACE", "Le contenu de ce fichier a été effacé au terme de sa conservation.")
    Access.objects.create(account=actor, programme=file.programme, what="ordres de payer")
    return bytes(file.content.content)


def files(actor: Account) -> QuerySet[PaymentFile]:
    """The files of the programmes whose dossiers somebody reads."""
    return PaymentFile.objects.filter(programme__in=rights.programmes(actor, READERS))


# --- answered ---------------------------------------------------------------------------------------------------------


def answered(actor: Account, programme: str, name: str, content: bytes) -> PaymentFile:
    """Take a file of answers: kept whatever it is, each answer applied by itself or listed as a gap.

    A file with a fault is refused whole.  Taking the same file again changes nothing.
    """
    rights.require(actor, programme, Role.INSTRUCTOR, Role.VALIDATOR)
    direction = PaymentFile.Direction.ANSWERS
    if len(content) > payment_files.MOST_BYTES:
        raise Refused("TAILLE", "Ce fichier est trop lourd pour des réponses de paiement.")
    try:
        format_, answers = payment_files.read(content)
    except payment_files.Unreadable as error:
        with transaction.atomic():
            return _kept(actor, programme, direction, "", name, content, 0, faults=error.faults)
    with transaction.atomic():
        cents = sum(one.cents or 0 for one in answers)
        file = _kept(actor, programme, direction, format_, name, content, len(answers), cents)
    for one in answers:
        _answer(actor, programme, one, file)
    return file


def answer(actor: Account, payment: Payment, given: Answer) -> PaymentAnswer:
    """Record what a person knows of the answer of the payer to an order, or of its return, with a reason.

    The sum that was really paid counts, even if it is not the one that was ordered.
    """
    rights.require(actor, payment.programme, Role.VALIDATOR)
    if not given.reason:
        raise Refused("MOTIF", "Dites d'où vient cette réponse, et pourquoi elle est saisie à la main.")
    if given.status == payment_files.PAID and (given.paid_on is None or not given.cents or not given.reference):
        raise Refused("REPONSE", "Un paiement a une date, une somme et une référence bancaire.")
    if given.status == payment_files.RETURNED and (given.returned_on is None or not given.cents):
        raise Refused("REPONSE", "Un retour a une date et une somme.")
    found = _answer(actor, payment.programme, given, None)
    if found.outcome not in _DONE:
        raise Refused("REPONSE", found.said)
    return found


def _answer(actor: Account, programme: str, given: Answer, file: PaymentFile | None) -> PaymentAnswer:
    """Apply an answer, or say why not: one transaction.  Nothing is kept of a wrong one that a person typed."""
    number = payment_files.number(given.order)
    with transaction.atomic():
        payment = Payment.objects.filter(pk=number, programme=programme).first() if number else None
        held = None
        if payment is not None:
            held = Dossier.objects.select_for_update(of=("self",)).get(pk=payment.dossier_id)
            payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        outcome, message = _outcome(payment, given, by_hand=file is None)
        answer_ = PaymentAnswer(
            file=file,
            line=given.line,
            payment=payment,
            account=actor,
            given=given.given(),
            outcome=outcome,
            said=message,
        )
        if file is None and outcome not in _DONE:
            return answer_
        answer_.save()
        if outcome == PaymentAnswer.Outcome.APPLIED:
            assert payment is not None
            assert held is not None
            _apply(actor, held, payment, given)
    return answer_


def _outcome(payment: Payment | None, given: Answer, *, by_hand: bool) -> tuple[PaymentAnswer.Outcome, str]:
    outcomes = PaymentAnswer.Outcome
    if payment is None:
        return outcomes.UNKNOWN, f"Aucun ordre du programme ne s'appelle « {given.order} »."
    if payment.file is None:
        return outcomes.UNORDERED, "Cet ordre n'a été envoyé dans aucun fichier."
    if given.status == payment_files.RETURNED:
        return _outcome_of_return(payment, given)
    if payment.status != Payment.Status.ORDERED:
        known = payment.status, payment.paid_on, payment.paid_cents, payment.reference
        same = (given.status, given.paid_on, given.cents, given.reference) == known
        if same or given.status == payment.status == Payment.Status.REFUSED:
            return outcomes.REPEATED, ""
        return outcomes.CONTRADICTED, f"La réponse déjà prise en compte : {payment.get_status_display().lower()}."
    if given.status == payment_files.REFUSED:
        return outcomes.APPLIED, ""
    ordered = timezone.localtime(payment.file.at).date()
    if given.paid_on is None or not ordered <= given.paid_on <= max(timezone.localdate(), ordered):
        day = recevable.wording.day(ordered)
        return outcomes.DATE, f"La date du paiement est à venir, ou précède le jour où il a été ordonné ({day})."
    if given.cents != payment.cents and not by_hand:
        message = f"L'ordre est de {_amount(payment.cents)}, la réponse dit {_amount(given.cents or 0)}."
        return outcomes.AMOUNT, message
    return outcomes.APPLIED, ""


def _outcome_of_return(payment: Payment, given: Answer) -> tuple[PaymentAnswer.Outcome, str]:
    outcomes, back = PaymentAnswer.Outcome, returned(payment)
    if back is not None:
        if (back.returned_on, payment.paid_cents) == (given.returned_on, given.cents):
            return outcomes.REPEATED, ""
        day = recevable.wording.day(back.returned_on)
        return outcomes.CONTRADICTED, f"Le retour déjà pris en compte : {_amount(payment.paid_cents or 0)}, le {day}."
    if payment.status != Payment.Status.PAID or payment.paid_on is None:
        return outcomes.CONTRADICTED, "Rien n'a été payé de cet ordre : rien ne peut en revenir."
    last = max(timezone.localdate(), payment.paid_on)
    if given.returned_on is None or not payment.paid_on <= given.returned_on <= last:
        day = recevable.wording.day(payment.paid_on)
        return outcomes.DATE, f"La date du retour est à venir, ou précède le jour du paiement ({day})."
    if given.cents != payment.paid_cents:
        message = f"{_amount(payment.paid_cents or 0)} ont été payés, le retour dit {_amount(given.cents or 0)}."
        return outcomes.AMOUNT, message
    repaid = payment.dossier.procedures.filter(kind=Procedure.Kind.RECOVERY, repaid_cents__gt=0)
    if repaid.exists():
        # what came back twice is owed twice: no sum of the register says so
        return outcomes.CONTRADICTED, "Une somme a déjà été reversée sur ce dossier : voyez ce qui est rendu deux fois."
    return outcomes.APPLIED, ""


def _returned(actor: Account, held: Dossier, payment: Payment, given: Answer) -> None:
    """Write that the money of a payment came back, the dossier and the payment locked; the fact leaves the dossier."""
    assert given.returned_on is not None
    back = PaymentReturn(
        payment=payment,
        account=actor,
        returned_on=given.returned_on,
        reference=given.reference,
        reason=given.reason,
    )
    day = recevable.wording.day(given.returned_on)
    sentence = f"{_amount(payment.paid_cents or 0)} revenus le {day} : la somme est de nouveau à payer. {given.reason}"
    try:
        with transaction.atomic():
            _withdrawn(actor, held, payment, back)
    except _NOT_RECORDED as error:
        sentence += f" Le paiement n'a pas pu être ôté du dossier ({_why(error)})."
        back.version = None
        held.refresh_from_db()
        dossiers.moved(held)
    back.save()
    if held.procedures.filter(kind=Procedure.Kind.RECOVERY).exclude(stage=Procedure.Stage.CLOSED).exists():
        sentence += " Une procédure de recouvrement est ouverte sur ce dossier : relisez-la."
    history.tell(held, actor, "paiement", f"{payment.request} : {sentence}")


def _apply(actor: Account, held: Dossier, payment: Payment, given: Answer) -> None:
    """Write what became of a payment, the dossier and the payment locked; what was paid goes into the dossier."""
    if given.status == payment_files.RETURNED:
        _returned(actor, held, payment, given)
        return
    payment.reference, payment.reason = given.reference, given.reason
    fields = ["status", "reference", "reason"]
    if given.status == payment_files.REFUSED:
        payment.status = Payment.Status.REFUSED
        payment.save(update_fields=fields)
        sentence = f"paiement de {_amount(payment.cents)} refusé par le payeur. {given.reason}"
        dossiers.moved(held)
    else:
        payment.status, payment.paid_on, payment.paid_cents = Payment.Status.PAID, given.paid_on, given.cents
        payment.save(update_fields=[*fields, "paid_on", "paid_cents"])
        sentence = (
            f"{_amount(given.cents or 0)} payés le {recevable.wording.day(given.paid_on or held.created_at.date())}"
        )
        sentence += f" (référence {given.reference})."
        try:
            with transaction.atomic():
                _recorded(actor, held, payment)
        except _NOT_RECORDED as error:
            # the money has left all the same: the page of the dossier says that the fact is not in it
            sentence += f" Ce fait n'a pas pu être consigné dans le dossier ({_why(error)})."
            held.refresh_from_db()
            dossiers.moved(held)
    history.tell(held, actor, "paiement", f"{payment.request} : {sentence}")


def _why(error: Exception) -> str:
    if isinstance(error, recevable.InvalidDossier):
        return str(error.diagnostics[0].message)
    return str(error)


def _recorded(actor: Account, held: Dossier, payment: Payment) -> None:
    """The payment as a fact of the agency: a new version of the dossier."""
    programme, facts = _facts(held)
    payment.version = dossiers.record(actor, held, programme.with_payment(facts, _fact(payment)), ACT)
    payment.save(update_fields=["version"])


def _withdrawn(actor: Account, held: Dossier, payment: Payment, back: PaymentReturn) -> None:
    """The payment no longer among the facts of the agency, where it was: a new version of the dossier."""
    if payment.version_id is None:
        dossiers.moved(held)
        return
    programme, facts = _facts(held)
    try:
        left = programme.without_payment(facts, _fact(payment))
    except ValueError:
        raise Refused("CONSIGNE", "ce paiement n'est plus, tel quel, parmi les données de l'agence") from None
    back.version = dossiers.record(actor, held, left, ACT)


def _facts(held: Dossier) -> tuple[recevable.Programme, dict[str, Any]]:
    """The programme in force, and what the agency knows of a dossier."""
    pack = packs.in_force(held.programme, timezone.localdate())
    if pack is None:
        raise Refused("REGLES", "aucune règle n'est en vigueur aujourd'hui")
    return packs.opened(pack.pk), json.loads(bytes(dossiers.latest(held).overlay))


def _fact(payment: Payment) -> recevable.PaymentFact:
    assert payment.paid_on is not None
    return recevable.PaymentFact(
        payment.request,
        payment.key,
        euros(payment.paid_cents or 0),
        payment.paid_on,
        payment.reference,
        datetime.fromisoformat(payment.decision.instant),
    )


def record(actor: Account, payment: Payment) -> None:
    """Put a payment that was made into its dossier, or take one that came back out, where that failed before."""
    rights.require(actor, payment.programme, Role.INSTRUCTOR, Role.VALIDATOR)
    with transaction.atomic():
        held = Dossier.objects.select_for_update(of=("self",)).get(pk=payment.dossier_id)
        kept = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        back = returned(kept)
        if not unrecorded(kept):
            raise Refused("CONSIGNE", "Ce qui est arrivé à ce paiement est déjà consigné, ou n'est pas à consigner.")
        try:
            if back is None:
                _recorded(actor, held, kept)
                sentence = "le paiement est consigné dans le dossier."
            else:
                _withdrawn(actor, held, kept, back)
                back.save(update_fields=["version"])
                sentence = "le paiement revenu est ôté du dossier."
        except (recevable.InvalidDossier, recevable.Contradiction) as error:
            raise Refused("CONSIGNE", f"Le paiement ne peut pas être consigné : {_why(error)}.") from None
        history.tell(held, actor, "paiement", f"{kept.request} : {sentence}")


def unrecorded(payment: Payment) -> bool:
    """Whether a payment that was made is not in its dossier yet, or one that came back still is."""
    back = returned(payment)
    if back is not None:
        return payment.version_id is not None and back.version_id is None
    return payment.status == Payment.Status.PAID and payment.version_id is None


def gaps(file: PaymentFile) -> Iterator[PaymentAnswer]:
    """The answers of a file that a person has to look at, in order."""
    return file.answers.exclude(outcome__in=_DONE).select_related("payment__dossier").order_by("line").iterator()


def unanswered(file: PaymentFile) -> QuerySet[Payment]:
    """The orders of a file that the payer has not answered."""
    return file.payments.filter(status=Payment.Status.ORDERED).select_related("dossier").order_by("pk")


def _digest(iban: str) -> str:
    return hashlib.sha256(iban.encode()).hexdigest()


def _amount(cents: int) -> str:
    return recevable.wording.amount(euros(cents))
