"""A programme lived day by day: operators who apply, answer or do not, two instructors, a validator, a payer.

Everything goes through the actions of the application, under a clock that this module turns.  Drawn from a seed: the
same one gives the same life.  The demonstration holds one (`demonstration.py`).  It knows this programme by its name,
which the application never does: so it is not part of it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock
from zoneinfo import ZoneInfo

from django.utils import timezone

from recevable_web import packs
from recevable_web.actions import (
    acts,
    completing,
    controls,
    decisions,
    dossiers,
    payments,
    procedures,
    recovery,
    sending,
    undoing,
    versions,
)
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    CompletionRequest,
    Control,
    ControlCampaign,
    ControlStep,
    Dossier,
    Draft,
    Letter,
    Payment,
    PaymentFile,
    PaymentFileContent,
    Procedure,
    Sending,
    State,
    Verdict,
)

PROGRAMME: Final = "af-ope-mss"
FIXTURES: Final = Path(__file__).parents[2] / "fixtures" / PROGRAMME
PARIS: Final = ZoneInfo("Europe/Paris")
# The calendar of the programme: its first enrolments after the referencing, its last balances, then the years in which
# it may be controlled.
FIRST, LAST = date(2023, 1, 25), date(2025, 9, 30)
BEGINNING: Final = datetime.combine(FIRST, time(), PARIS)
ADVANCES_END, BALANCES = datetime(2023, 7, 26, 14, tzinfo=PARIS), (date(2023, 7, 3), date(2023, 10, 11))
REQUESTS: Final = ("enrolement", "avance", "solde")
# What the agency learns later than the request, by the day on which it records it.
COUNTED: Final = date(2023, 7, 5)
MODELS: Final = ("solde-petit-acheteur", "solde-cas-b")
# The day from which dossiers that were paid are drawn.
DRAWN: Final = date(2024, 1, 15)
# What a control finds, and the rule that it goes by.
CONTROLS: Final = date(2024, 3, 12)
RULE: Final = "REC-DECLARATION-ERRONEE"
WRONG: Final = {"description": "Écart relevé au contrôle sur pièces"}
# The pieces that an applicant may forget, by request.
FORGOTTEN: Final = {
    "enrolement": ("rib", "piece_identite"),
    "avance": ("formulaire",),
    "solde": ("capture_test", "guide_editeur", "guide_client_final"),
}


@dataclass
class Clock:
    """The instant that the application believes in, while it rules.

    Everything dated asks `django.utils.timezone.now`, the columns that Django dates too: that one question is answered
    here.
    """

    now: datetime = BEGINNING

    @contextmanager
    def ruling(self) -> Iterator[None]:
        with mock.patch.object(timezone, "now", side_effect=lambda: self.now):
            yield

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        self.now = datetime.combine(day, time(hour, minute), PARIS).astimezone(UTC)

    @property
    def day(self) -> date:
        return self.now.astimezone(PARIS).date()


def luhn(digits: str) -> str:
    """The digits with their check digit."""
    total = sum(sum(divmod(int(d) * (2 if rank % 2 == 0 else 1), 10)) for rank, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


@dataclass
class Operator:
    """An invented operator: what it will send, when, and what it forgets."""

    rank: int
    chance: random.Random
    data: dict[str, Any] = field(default_factory=dict)
    dossier: int | None = None
    # what happens to it next, by day
    plans: dict[date, list[Callable[[], None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        model = json.loads((FIXTURES / f"{MODELS[self.rank % len(MODELS)]}.json").read_text("utf-8"))
        siret = luhn(luhn(f"9998{self.rank:04}") + "0001")
        text = json.dumps(model).replace(model["operateur"]["siret"], siret)
        text = text.replace(json.dumps(model["operateur"]["raison_sociale"])[1:-1], f"Opérateur inventé {self.rank}")
        self.data = json.loads(text)
        self.data["reference"] = f"VIE-{self.rank:04}"

    def stage(self, upto: int, received: dict[str, datetime], forgotten: dict[str, str]) -> bytes:
        """The dossier as the operator sends it: its requests so far, without what it forgot or the agency says."""
        sent = json.loads(json.dumps(self.data))
        sent.pop("paiements", None)
        sent["ans"] = {name: fact for name, fact in sent["ans"].items() if name not in ("annuaire", "test_technique")}
        for request in REQUESTS:
            if request not in REQUESTS[: upto + 1]:
                sent.pop(request)
                continue
            one = sent[request]
            one.pop("decision", None)
            one["recue_le"] = received[request].isoformat()
            one["pieces_recues_le"] = (received[request] + timedelta(minutes=2)).isoformat()
            if forgotten.get(request):
                one["pieces"].pop(forgotten[request], None)
        if "solde" in sent:
            sent["solde"]["numero_dossier_avance"] = self.number
        return json.dumps(sent).encode()

    @property
    def number(self) -> str:
        return f"ASP-VIE-{self.rank:04}"


class Staff(NamedTuple):
    """Who works on the programme: whoever inspects what was drawn decided nothing."""

    instructors: tuple[Account, Account]
    validator: Account
    controller: Account
    inspector: Account


class Life:
    """The whole: `run` lives every working day, then `told` counts what happened."""

    def __init__(self, staff: Staff, clock: Clock, operators: int, seed: int = 1) -> None:
        self.clock, self.chance = clock, random.Random(seed)
        self.instructors, self.validator, self.controller, self.inspector = staff
        self.operators = [Operator(rank, random.Random(f"{seed}/{rank}")) for rank in range(1, operators + 1)]
        self.received: dict[int, dict[str, datetime]] = {}
        self.forgotten: dict[int, dict[str, str]] = {}
        self.events: Counter[str] = Counter()
        # whether something happened that the agency has not looked at yet
        self.moving = False
        # the version of each dossier that an instructor last looked at
        self.seen: dict[int, int] = {}
        # answers that the payer will give, by day
        self.payer: dict[date, list[PaymentFile]] = {}
        for one in self.operators:
            first = FIRST + timedelta(days=one.chance.randrange(120))
            self._plan(one, first, partial(self.apply, one, 0))

    # --- days ---------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        with self.clock.ruling():
            self._run()

    def _run(self) -> None:
        day = FIRST
        while day <= LAST:
            self.clock.at(day, 9)
            for one in self.operators:
                for happens in one.plans.pop(day, ()):
                    self.clock.now += timedelta(seconds=37)
                    happens()
                    self.moving = True
            if day.weekday() < 5 and (self.moving or self.everything(day) or day == COUNTED or day in self.payer):
                self.work(day)
                self.moving = False
            day += timedelta(days=1)

    @staticmethod
    def everything(day: date) -> bool:
        """Once a month everything is looked at: a day that passes may change what is proposed."""
        return day.day <= 7 and day.weekday() == 0

    def _plan(self, one: Operator, day: date, happens: Callable[[], None]) -> None:
        one.plans.setdefault(day, []).append(happens)

    def work(self, day: date) -> None:
        """What the agency does in a day: facts, decisions, signatures, payments."""
        self.clock.at(day, 11)
        if day == COUNTED:
            self.count()
        everything = self.everything(day)
        for rank, dossier in enumerate(Dossier.objects.filter(state=State.TO_INSTRUCT).order_by("deadline", "pk")):
            if everything or self.seen.get(dossier.pk) != dossier.version:
                self.instruct(self.instructors[rank % 2], dossier)
                self.seen[dossier.pk] = dossier.version
        if everything:
            self.give_up(day)
        self.clock.at(day, 15)
        for draft in list(payments.payable([PROGRAMME])):
            self.propose(draft)
        self.clock.at(day, 16)
        for draft in Draft.objects.filter(status=Draft.Status.PREPARED).order_by("pk"):
            self.sign(draft)
        self.pay(day)
        if day >= DRAWN and not ControlCampaign.objects.exists():
            self.draw(day)
        # nobody works on a dossier any more
        self.clock.at(day, 18)
        self.post()
        for file in self.payer.pop(day, ()):
            self.bank(file, day)

    def propose(self, decision: Draft) -> None:
        """Prepare the payment of what a signed acceptance leaves to pay."""
        held = Dossier.objects.get(pk=decision.dossier_id)
        actor, request, key = self.instructors[0], decision.request, decision.key
        self.attempt("paiement préparé", lambda: payments.prepare(actor, held, held.version, request, key))

    def attempt(self, what: str, act: Callable[[], Any]) -> Any:
        """Do something that the application may refuse; what it refuses is counted by its code."""
        try:
            done = act()
        except Refused as refused:
            self.events[f"{what} : refusé {refused.code}"] += 1
            return None
        self.events[what] += 1
        return done

    # --- controls -----------------------------------------------------------------------------------------------------

    def control(self, one: Operator) -> None:
        """A control finds more mailboxes declared than there were: what was paid may have to be paid back."""
        found = {"constate_le": self.clock.now.isoformat(), "constate_par": "ans", **WRONG}
        assert one.dossier is not None
        dossier = Dossier.objects.get(pk=one.dossier)
        self.facts(dossier, {"controles": {"declaration_erronee": found}})
        dossier.refresh_from_db()
        opened = recovery.open_finding(
            self.controller, dossier, dossier.version, RULE, self.clock.day, "Contrôle sur pièces."
        )
        self.recover(one, opened, 4)

    def recover(self, one: Operator, case: Procedure, share: int) -> None:
        """Lead a recovery to its end: a `share` of what is at stake is claimed (1: all of it)."""
        self.events["recouvrement ouvert"] += 1
        draft = procedures.prepare_notice(self.controller, case, "Écart avec l'Annuaire.", "AF §7", 60)
        acts.sign(self.validator, draft)
        for days, step in ((30, self.observed), (50, self.claimed), (70, self.ordered)):
            self._plan(one, self.clock.day + timedelta(days=days), partial(step, case, share))
        for days in (100, 130):
            self._plan(one, self.clock.day + timedelta(days=days), partial(self.repaid, case, share, days))

    def observed(self, case: Procedure, share: int) -> None:
        said = "Une partie de l'écart a été corrigée." if share > 1 else "Le bénéficiaire ne conteste pas."
        procedures.observe(self.controller, case, self.clock.day, said)

    @staticmethod
    def claim(case: Procedure, share: int) -> int:
        return (Procedure.objects.get(pk=case.pk).claimed_cents or 0) // share

    def claimed(self, case: Procedure, share: int) -> None:
        draft = recovery.prepare_claim(
            self.controller, case, self.claim(case, share), reason="Écart de bonne foi, en partie corrigé.",
            source="AF §7", proportionality="Part indue seule.",
        )  # fmt: skip
        acts.sign(self.validator, draft)

    def ordered(self, case: Procedure, share: int) -> None:
        due = self.claim(case, share)
        acts.sign(self.validator, recovery.prepare_order(self.controller, case, [("Part indue", due, "AF §5.1")]))
        self.events["recouvrement ordonné"] += 1

    def repaid(self, case: Procedure, share: int, days: int) -> None:
        due = self.claim(case, share)
        part = due // 2 if days == 100 else due - due // 2
        recovery.repay(self.controller, case, self.clock.day, part, f"ENC-{case.pk}-{days}")

    def withdraw(self, one: Operator) -> None:
        """A condition of the balance was never met: the beneficiary is heard, then the acceptance is withdrawn."""
        assert one.dossier is not None
        dossier = Dossier.objects.get(pk=one.dossier)
        opened = undoing.open_undoing(
            self.instructors[0], dossier, dossier.version, "solde", "", "condition", "retrait", self.clock.day,
            "Le service n'a jamais été raccordé.",
        )  # fmt: skip
        draft = procedures.prepare_notice(self.instructors[0], opened, "Service non raccordé.", "AF §4", 30)
        acts.sign(self.validator, draft)
        self._plan(one, self.clock.day + timedelta(days=25), partial(self.observed, opened, 1))
        self._plan(one, self.clock.day + timedelta(days=60), partial(self.withdrawn, one, opened))

    def withdrawn(self, one: Operator, opened: Procedure) -> None:
        draft = undoing.prepare_undoing(self.instructors[0], opened, undoing.OVER, "La condition n'est pas remplie.")
        acts.sign(self.validator, draft)
        self.events["décision retirée"] += 1
        self.recover(one, Procedure.objects.get(dossier=one.dossier, decision__kind="retrait"), 1)

    # --- drawn controls -------------------------------------------------------------------------------------------

    def draw(self, day: date) -> None:
        """Draw some of those that were paid, and tell them."""
        size = max(2, len(self.operators) // 6)
        campaign = controls.draw(
            self.inspector, PROGRAMME, "Contrôles de l'hiver", FIRST, day - timedelta(days=1), size, paid_only=True
        )
        for control in campaign.controls.order_by("rank"):
            one = next(o for o in self.operators if o.dossier == control.dossier_id)
            self._check(control, ControlStep.Kind.NOTIFIED, "Produisez le contrat signé avec l'éditeur.", due=30)
            self._plan(one, day + timedelta(days=21), partial(self.produced, one, control))

    def produced(self, one: Operator, control: Control) -> None:
        """The beneficiary answers; one in two has something to explain."""
        self._check(control, ControlStep.Kind.ANSWERED, "Contrat produit.")
        if control.rank % 2:
            self._check(control, ControlStep.Kind.CONCLUDED, "Rien à relever.", outcome="conforme")
            return
        self._check(control, ControlStep.Kind.FOUND, "Le contrat est daté d'après la demande.", due=20)
        self._plan(one, self.clock.day + timedelta(days=12), partial(self.explained, control))

    def explained(self, control: Control) -> None:
        self._check(control, ControlStep.Kind.OBSERVED, "Un premier contrat est produit.")
        self._check(control, ControlStep.Kind.CONCLUDED, "Le premier contrat convient.", outcome="anomalie")

    def _check(self, control: Control, kind: ControlStep.Kind, text: str, *, due: int = 0, outcome: str = "") -> None:
        until = self.clock.day + timedelta(days=due) if due else None
        controls.step(self.inspector, control, kind, text, due=until, outcome=outcome)
        self.events[f"contrôle : {kind}"] += 1

    # --- letters ------------------------------------------------------------------------------------------------------

    def post(self) -> None:
        """Send the letters of the day; most arrive, some come back and leave again."""
        for letter in Letter.objects.filter(sendings=None).select_related("act", "dossier").order_by("pk"):
            self._send(letter, random.Random(f"{letter.kind}/{letter.dossier.reference}/{letter.on}"))

    def _send(self, letter: Letter, chance: random.Random, reason: str = "") -> None:
        one = next(o for o in self.operators if o.dossier == letter.dossier_id)
        sender = self.instructors[one.rank % 2]
        channel = "electronique" if letter.kind == "demande_complement" else "recommande"
        sent = sending.send(sender, letter, channel, self.clock.day, reason)
        self.events["courrier envoyé"] += 1
        lost = not reason and chance.random() < 0.08
        later = self.clock.day + timedelta(days=8 if lost else 1 + chance.randrange(4))
        self._plan(one, later, partial(self.came_back if lost else self.arrived, letter, sent, chance))

    def arrived(self, letter: Letter, sent: Sending, chance: random.Random) -> None:
        sending.deliver(sent.author, sent, self.clock.day, "Avis de réception signé")
        self.events["courrier remis"] += 1
        case = Procedure.objects.filter(steps__act=letter.act_id, stage=Procedure.Stage.TO_NOTIFY).first()
        if case is not None:
            procedures.notify(self.controller, case, self.clock.day, "Avis de réception signé")

    def came_back(self, letter: Letter, sent: Sending, chance: random.Random) -> None:
        sending.come_back(sent.author, sent, self.clock.day, "npai")
        self.events["courrier revenu"] += 1
        self._send(letter, chance, "Adresse corrigée par le bénéficiaire.")

    # --- applicants ---------------------------------------------------------------------------------------------------

    def apply(self, one: Operator, stage: int) -> None:
        """The operator sends its next request, whole or with a piece missing."""
        request = REQUESTS[stage]
        self.received.setdefault(one.rank, {})[request] = self.clock.now.astimezone(PARIS)
        if one.chance.random() < 0.35:
            self.forgotten.setdefault(one.rank, {})[request] = one.chance.choice(FORGOTTEN[request])
        self.send(one, stage, f"{request}.json")
        self.events[f"{request} reçu"] += 1

    def send(self, one: Operator, stage: int, name: str) -> None:
        content = one.stage(stage, self.received[one.rank], self.forgotten.get(one.rank, {}))
        actor = self.instructors[one.rank % 2]
        if one.dossier is None:
            one.dossier = dossiers.receive(actor, PROGRAMME, content, name).pk
        else:
            dossier = Dossier.objects.get(pk=one.dossier)
            dossiers.supplement(actor, dossier, dossier.version, content, name)

    def answer(self, one: Operator, stage: int) -> None:
        """The operator sends what it was asked for."""
        self.forgotten.get(one.rank, {}).pop(REQUESTS[stage], None)
        self.attempt("complément répondu", lambda: self.send(one, stage, "complement.json"))

    # --- the agency ---------------------------------------------------------------------------------------------------

    def facts(self, dossier: Dossier, facts: dict[str, Any]) -> None:
        held = Dossier.objects.get(pk=dossier.pk)
        dossiers.with_facts(self.instructors[0], held, held.version, facts, "agence")

    def count(self) -> None:
        """The day on which the directory of the closing day is known."""
        for one in self.operators:
            if one.dossier is not None:
                self.facts(Dossier.objects.get(pk=one.dossier), {"ans": self.learnt(one)})

    @staticmethod
    def learnt(one: Operator) -> dict[str, Any]:
        return {name: one.data["ans"][name] for name in ("annuaire", "test_technique")}

    def instruct(self, instructor: Account, dossier: Dossier) -> None:
        """Prepare what the rules propose on each request that nobody decided and that the applicant can move."""
        evaluation = dossiers.evaluate(dossiers.latest(dossier), self.clock.day)
        settled = set(
            Draft.objects.filter(dossier=dossier, kind=Draft.Kind.DECISION, status=Draft.Status.SIGNED)
            .exclude(verdict=Verdict.COMPLETE)
            .values_list("request", flat=True)
        )
        for proposal in evaluation.requests.order_by("pk"):
            if proposal.name in settled or proposal.verdict not in Verdict.values or proposal.provisional:
                continue
            if proposal.verdict == Verdict.COMPLETE and not self.asks(dossier, proposal.name):
                continue
            held = Dossier.objects.get(pk=dossier.pk)
            self.attempt(
                f"{proposal.verdict} préparé",
                partial(decisions.prepare, instructor, held, held.version, proposal.name, Verdict(proposal.verdict)),
            )

    def give_up(self, day: date) -> None:
        """Propose to reject what was not completed a month after its last day: a person decides, the delay never."""
        for one in CompletionRequest.objects.filter(outcome="", due__lt=day - timedelta(days=30)):
            held = Dossier.objects.get(pk=one.dossier_id)
            self.attempt(
                "rejet faute de réponse préparé",
                partial(
                    decisions.prepare, self.instructors[0], held, held.version, one.request, Verdict.REJECT,
                    reason="La demande n'a pas été complétée dans le délai laissé.", source="CRPA, article L. 114-5",
                ),
            )  # fmt: skip

    def asks(self, dossier: Dossier, request: str) -> bool:
        """Whether the applicant has something to provide that it was not asked for yet."""
        if CompletionRequest.objects.filter(dossier=dossier, request=request, outcome="").exists():
            return False
        version = dossiers.latest(dossier)
        pack = versions.in_force(version)
        decision = dossiers.decided(version, pack, self.clock.day)
        return bool(completing.items(decision.request(request), packs.opened(pack.pk)))

    def sign(self, draft: Draft) -> None:
        act = self.attempt(f"{draft.kind} signé", lambda: acts.sign(self.validator, draft))
        if act is None:
            self.attempt("renvoi", lambda: acts.send_back(self.validator, draft, "À revoir : le dossier a bougé."))
            return
        if draft.kind != Draft.Kind.DECISION:
            return
        one = next(o for o in self.operators if o.dossier == draft.dossier_id)
        stage = REQUESTS.index(draft.request)
        if draft.verdict == Verdict.COMPLETE:
            if one.chance.random() < 0.85:
                later = self.clock.day + timedelta(days=one.chance.randrange(3, 45))
                self._plan(one, later, lambda: self.answer(one, stage))
        elif draft.verdict == Verdict.ACCEPT:
            self.accepted(one, draft, stage)

    def accepted(self, one: Operator, draft: Draft, stage: int) -> None:
        at = self.clock.now.isoformat()
        if draft.request == "enrolement":
            self.facts(draft.dossier, {"enrolement": {"decision": {"sens": "validee", "le": at}}})
            day = self.clock.day + timedelta(days=one.chance.randrange(5, 60))
            day = min(day, ADVANCES_END.date() + timedelta(days=one.chance.randrange(-20, 3)))
            self._plan(one, max(day, self.clock.day + timedelta(days=1)), lambda: self.apply(one, 1))
        elif draft.request == "avance":
            decided = {"sens": "validee", "le": at, "numero_dossier": one.number}
            self.facts(draft.dossier, {"avance": {"decision": decided}})
            span = (BALANCES[1] - BALANCES[0]).days + 4
            day = max(BALANCES[0] + timedelta(days=one.chance.randrange(span)), self.clock.day + timedelta(days=1))
            self._plan(one, day, lambda: self.apply(one, 2))
        elif one.rank % 2 == 0:
            self._plan(one, CONTROLS + timedelta(days=one.rank), lambda: self.control(one))
        elif one.rank % 5 == 0:
            self._plan(one, CONTROLS + timedelta(days=one.rank), lambda: self.withdraw(one))

    # --- money --------------------------------------------------------------------------------------------------------

    def pay(self, day: date) -> None:
        """One file of orders for what was signed; the payer answers twelve days later, or the Monday after."""
        if Payment.objects.filter(status=Payment.Status.SIGNED).exists():
            file = payments.order(self.validator, PROGRAMME, "json")
            self.events["fichier d'ordres"] += 1
            answered = day + timedelta(days=12)
            answered += timedelta(days=max(0, 7 - answered.weekday()) % 7 if answered.weekday() > 4 else 0)
            self.payer.setdefault(answered, []).append(file)

    def bank(self, file: PaymentFile, day: date) -> None:
        """The payer's answers to a file: paid, but for a few that are refused; the same file may come twice."""
        orders = json.loads(bytes(PaymentFileContent.objects.get(file=file).content))["ordres"]
        found = [self._answered(order, day) for order in orders]
        content = json.dumps({"format": "recevable/reponses-paiements/1", "reponses": found}).encode()
        for _ in range(1 + (self.chance.random() < 0.2)):
            kept = payments.answered(self.instructors[1], PROGRAMME, f"retour-{day}.json", content)
            assert not kept.faults, kept.faults
            assert list(payments.gaps(kept)) == []
        self.events["fichier de réponses"] += 1

    def _answered(self, order: dict[str, Any], day: date) -> dict[str, Any]:
        if self.chance.random() < 0.05:
            self.events["paiement refusé par la banque"] += 1
            return {"ordre": order["ordre"], "statut": "refuse", "motif": "Compte à vérifier"}
        self.events["paiement fait"] += 1
        on = day - timedelta(days=2)
        return {"ordre": order["ordre"], "statut": "paye", "paye_le": on.isoformat(), "montant": order["montant"],
                "reference": f"VIR-{order['ordre']}"}  # fmt: skip
