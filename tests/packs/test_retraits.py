"""Every datum of every dossier taken out, one at a time: what is missing never helps, save where the text asks nothing.

A request is accepted when its verdict is `accepter` and no question is open.  The two tables below are all there is to
know: what an accepted request may do without although a rule reads it, and what stands against a request if it is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recevable.decision.decide import Decider
from recevable.decision.model import Decision
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD, Expr, references
from recevable.pack.model import Definition, Result

if TYPE_CHECKING:
    from tests.packs.conftest import World

Path_ = tuple[str, ...]

# What an accepted request may do without, although a satisfied rule reads it: (request, datum) -> the rules.
OPTIONAL: Final = {
    # the receipt of the data is what counts (AF §2); when the pieces came is only pointed out
    ("avance", "avance.pieces_recues_le"): {"AVA-PIECES-APRES"},
    ("solde", "solde.pieces_recues_le"): {"SOL-PIECES-APRES"},
    # filing online is the rule: a way that is not recorded is not the post
    ("avance", "avance.voie"): {"AVA-DELAI"},
    ("solde", "avance.voie"): {"SOL-AVANCE-HORS-DELAI"},
    ("solde", "solde.voie"): {"SOL-DELAI"},
    # a balance was paid: that no request for it is in the dossier is only pointed out
    ("avance", "solde"): {"AVA-SANS-SOLDE"},
    # the register of the ANS has the number (TRAP-38)
    ("enrolement", "enrolement.pieces.attestation_referencement.numero"): {"ENR-NUMERO-REF"},
    # a signed quote or an order: one of the two data is enough when the other rules the doubt out (TRAP-25)
    ("enrolement", "enrolement.pieces.bon_de_commande.nature"): {"ENR-COMMANDE"},
    ("enrolement", "enrolement.pieces.bon_de_commande.signe"): {"ENR-COMMANDE"},
    # the text does not ask for a valid document (TRAP-23)
    ("enrolement", "enrolement.pieces.piece_identite.valide_jusqu_au"): {"ENR-IDENTITE"},
    # an e-mail address or a telephone number: the text does not say which
    ("enrolement", "operateur.contact.courriel"): {"ENR-CONTACT"},
    ("enrolement", "operateur.contact.telephone"): {"ENR-CONTACT"},
    ("solde", "solde.contact_support_clients.courriel"): {"SOL-SUPPORT-CLIENTS"},
    ("solde", "solde.contact_support_clients.telephone"): {"SOL-SUPPORT-CLIENTS"},
    ("solde", "solde.contact_support_editeurs.courriel"): {"SOL-SUPPORT-EDITEURS"},
    ("solde", "solde.contact_support_editeurs.telephone"): {"SOL-SUPPORT-EDITEURS"},
    # the text wants the developer on the order, not on the form: the form is compared when it says something
    ("enrolement", "operateur.fournisseur"): {"ENR-COMMANDE-DEVELOPPEUR", "ENR-FOURNISSEUR"},
    ("enrolement", "operateur.fournisseur.numero_referencement"): {"ENR-FOURNISSEUR"},
    ("enrolement", "operateur.fournisseur.siret"): {"ENR-COMMANDE-DEVELOPPEUR", "ENR-FOURNISSEUR"},
    # the text wants an invoice that corresponds to the order, not one that repeats it: compared when both say it
    ("solde", "enrolement.pieces.bon_de_commande.intitule_ligne"): {"SOL-FACTURE"},
    ("solde", "enrolement.pieces.bon_de_commande.numero_referencement"): {"SOL-FACTURE"},
    ("solde", "solde.pieces.facture_acquittee.intitule_ligne"): {"SOL-FACTURE"},
    ("solde", "solde.pieces.facture_acquittee.numero_referencement"): {"SOL-FACTURE"},
    # either date of the test, the capture's or the one that the ANS knows, puts the question that a human has answered
    ("solde", "solde.pieces.capture_test.realise_le"): {"SOL-TEST-DATE"},
    ("solde", "ans.test_technique"): {"SOL-TEST-DATE"},
    ("solde", "ans.test_technique.realise_le"): {"SOL-TEST-DATE"},
    # a human has tied the balance to an advance that was not decided yet; undated, the decision is taken as earlier
    ("solde", "avance.decision.le"): {"CAL-DECISION-FUTURE", "SOL-NUMERO"},
    # an earlier decision of the agency must not lie ahead: one that was not given, or has no date, does not
    ("avance", "avance.decision"): {"CAL-DECISION-FUTURE"},
    ("avance", "avance.decision.le"): {"CAL-DECISION-FUTURE"},
    ("solde", "enrolement.decision.le"): {"CAL-DECISION-FUTURE"},
    # in metropolitan France the usual rate stands in for one that is not declared; who is not subject has none
    ("solde", "operateur.tva.taux"): {"MON-AVANCE-ECART", "SOL-MONTANT"},
    ("solde", "operateur.territoire"): {"MON-AVANCE-ECART", "SOL-MONTANT"},
}
# What stands against a request and that the text does not ask for: left out, nothing stands against it any more.
AGAINST: Final = {
    # the register of the ANS prevails over the number written on the attestation (TRAP-38)
    ("enrolement", "enrolement.pieces.attestation_referencement.numero"),
    # compared only when the order and the invoice both say it
    ("solde", "enrolement.pieces.bon_de_commande.intitule_ligne"),
    ("solde", "solde.pieces.facture_acquittee.intitule_ligne"),
    # without a declared rate the usual one applies; an unusual one is a human's to judge
    ("avance", "operateur.tva.taux"),
    # a payment recorded although nothing was validated; the text does not ask for the record of payments
    ("avance", "paiements"),
    # a completion after the delay that the ASP gave, if it gave one, is a human's to judge
    ("solde", "solde.delai_completude"),
    ("solde", "solde.pieces_recues_le"),
    # a control that found something, whose consequence on a balance is a human's to judge
    ("solde", "controles"),
    ("solde", "controles.declaration_erronee"),
}


def _paths(node: Any, above: Path_ = ()) -> Iterator[Path_]:
    """Every datum and every object of data, from the top."""
    for key, value in node.items() if isinstance(node, dict) else ():
        yield (*above, key)
        yield from _paths(value, (*above, key))


def _without(content: dict[str, Any], path: Path_) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(content))
    node = kept
    for part in path[:-1]:
        node = node.get(part, {})
    node.pop(path[-1], None)
    return kept


class _Reads:
    """The fields of the dossier that each rule of a request reads, through deductions and numbers too."""

    def __init__(self, decider: Decider, request: str) -> None:
        context = decider.runner(request).context
        self.definitions = {d.name: d for d in context.definitions}
        self.by_rule: dict[str, set[str]] = {}
        for check in context.checks:
            read = self.by_rule.setdefault(check.rule, set())
            for step in check.steps:
                read |= self._expression(step.test, frozenset())

    def _expression(self, expr: Expr, seen: frozenset[str]) -> set[str]:
        found = set(references(expr, FIELD))
        for name in references(expr, DEDUCTION, AMOUNT_NAME):
            if name in self.definitions and name not in seen:
                found |= self._definition(self.definitions[name], seen | {name})
        return found

    def _definition(self, definition: Definition, seen: frozenset[str]) -> set[str]:
        found = self._expression(definition.deduction, seen) if definition.deduction is not None else set()
        for amount in definition.amounts:
            found |= self._expression(amount.value, seen)
            found |= self._expression(amount.when, seen) if amount.when is not None else set()
        return found

    def readers(self, path: str, rules: set[str]) -> set[str]:
        """Those of the rules that read a datum or something in it."""
        return {r for r in rules if any(f == path or f.startswith(f"{path}.") for f in self.by_rule.get(r, ()))}


def _accepted(world: World, decision: Decision) -> dict[str, bool]:
    return {r.name: world.answer(decision, r.name).accepted for r in decision.requests}


class _Removals:
    """What came of every removal: the rules left satisfied without their datum, and the requests that it cured."""

    def __init__(self, world: World, names: list[str]) -> None:
        decider = world.programme.decider
        self.world = world
        self.reads = {name: _Reads(decider, name) for name in ("enrolement", "avance", "solde")}
        self.left: dict[tuple[str, str], set[str]] = {}
        self.cured: set[tuple[str, str]] = set()
        self.count = 0
        for name in names:
            self._take_out(name)

    def _take_out(self, name: str) -> None:
        content = self.world.data(name)
        before = self.world.decision(name)
        accepted = _accepted(self.world, before)
        satisfied = {
            r.name: {f.rule for f in r.findings if f.result is Result.SATISFIED}
            for r in before.requests
            if accepted[r.name]
        }
        for path in _paths(content):
            dotted = ".".join(path)
            readers = {q: self.reads[q].readers(dotted, rules) for q, rules in satisfied.items()}
            if all(accepted.values()) and not any(readers.values()):
                continue
            try:
                after = self.world.decide(_without(content, path), self.world.days[name])
            except DiagnosticError:
                continue  # what the schema requires
            self.count += 1
            self._compare(dotted, accepted, readers, after)

    def _compare(self, path: str, before: dict[str, bool], readers: dict[str, set[str]], after: Decision) -> None:
        for request in after.requests:
            if not self.world.answer(after, request.name).accepted:
                continue
            if not before[request.name]:
                self.cured.add((request.name, path))
            applied = {f.rule for f in request.findings if f.result is not Result.NOT_APPLICABLE}
            left = readers.get(request.name, set()) & applied
            if left:
                self.left.setdefault((request.name, path), set()).update(left)


@pytest.fixture(scope="module")
def removals(world: World, names: list[str]) -> _Removals:
    return _Removals(world, names)


def test_thousands_of_removals_are_tried(removals: _Removals) -> None:
    assert removals.count > 5_000


def test_nothing_accepted_does_without_a_datum_that_a_rule_reads_but_what_is_optional(removals: _Removals) -> None:
    assert removals.left == OPTIONAL


def test_no_request_is_accepted_for_want_of_a_datum_but_of_one_that_the_text_does_not_ask_for(
    removals: _Removals,
) -> None:
    assert removals.cured == AGAINST


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_taking_several_data_out_of_an_accepted_dossier_needs_each_of_them_to_be_dispensable(
    world: World, names: list[str], removals: _Removals, data: Any
) -> None:
    name = data.draw(st.sampled_from([n for n in names if n.startswith(("enrolement", "avance-", "solde-"))]))
    content = world.data(name)
    before = world.decision(name)
    candidates = [p for p in _paths(content) if p != ("programme",)]
    taken = data.draw(st.lists(st.sampled_from(candidates), min_size=2, max_size=4, unique=True))
    for path in taken:
        content = _without(content, path)
    try:
        after = world.decide(content, world.days[name])
    except DiagnosticError:
        return
    accepted = _accepted(world, before)
    for request in after.requests:
        if accepted[request.name] and world.answer(after, request.name).accepted:
            alone = [world.decide(_without(world.data(name), path), world.days[name]) for path in taken]
            assert all(world.answer(one, request.name).accepted for one in alone), taken
