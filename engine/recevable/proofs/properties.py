"""The properties of a pack: put to the solver, and looked at in a real decision to confirm an example."""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import z3

from recevable.decision.model import Decision
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import converter
from recevable.inference.engine import Evaluation
from recevable.language.evaluate import EXACT, Layout, build
from recevable.language.tree import (
    AMOUNT_NAME,
    ANSWER,
    DEDUCTION,
    FIELD,
    HISTORY,
    PARAMETER,
    REFERENCES,
    TODAY,
    nodes,
)
from recevable.language.types import lookup
from recevable.pack.model import APPRAISALS, RECOVERY, Result
from recevable.pack.properties import (
    FINDING,
    MISSING_CASE,
    NO_CASE,
    PAIR,
    PROVISIONAL,
    RECOVERED,
    SECOND,
    TO_PAY,
    UNDUE,
    VERDICT,
    Comparison,
    Typed,
    contexts_of,
    parts,
    trees_of,
)
from recevable.proofs.dossiers import Node, Scope
from recevable.proofs.prover import Prover, Side
from recevable.proofs.terms import (
    TRUE,
    Term,
    Truth,
    Untranslated,
    Value,
    both,
    choose,
    constant,
    either,
    implies,
    negation,
)
from recevable.proofs.translation import ContextTerms, Evaluator
from recevable.trials.proved import Answer

# The gravest result of a rule first.
GRAVEST: Final = (Result.FAILED, Result.TO_APPRAISE, Result.MISSING, Result.SATISFIED, Result.NOT_APPLICABLE)


def ask(prover: Prover, typed: Typed) -> Answer:
    """The answer to a property; raises Untranslated, NotConfirmed."""
    one = typed.property
    pair = one.pair is not None
    reader = _PropertyEvaluator(prover, typed)
    sides = [prover.side, prover.second] if pair else [prover.side]
    when = TRUE if typed.when is None else reader.truth(typed.when).yes
    claim = reader.truth(typed.claim)
    against = claim.yes if one.never else negation(claim.yes)
    contexts = contexts_of(typed)
    decided = [side.context(name).decided for side in sides for name in contexts]
    alike = list(_alike(prover, one.pair, prover.scope(when, against, *decided))) if one.pair is not None else []
    requests = [name for name in contexts if name != RECOVERY]
    # what is the same in both is written with the same variables: what is computed from it alone is then the same term
    same = [(one.arg(1), one.arg(0)) for one in alike if z3.is_eq(one)]
    when, against, *decided = (z3.substitute(one, *same) for one in (when, against, *decided))
    about = both(when, *decided, *alike)
    return prover.ask(one.id.text, against, _Confirmation(prover, typed), requests, about=about, pair=pair)


class _PropertyEvaluator(Evaluator):
    """The expressions of a property: what is decided, besides what rules read."""

    def __init__(self, prover: Prover, typed: Typed) -> None:
        self.prover, self.name, self.pair = prover, typed.property.request.text, typed.property.pair is not None
        context = prover.compiled.context(self.name)
        super().__init__(prover.compiled, context, prover.side.dossier, prover.tools, prover.today)

    def field(self, path: str) -> Term:
        """A datum, a name or a word, of the dossier that the path names."""
        where, word, operand = parts(path)
        side = self.prover.second if where == SECOND else self.prover.side
        if word:
            return decided(side, self.name, word, operand)
        terms = side.context(self.name)
        if self.pair and operand in terms.evaluator.definitions:
            return terms.evaluator.named(operand)
        return terms.evaluator.field(operand)

    def present(self, path: str) -> Any:
        """When the dossier that a path names holds a datum."""
        where, _, operand = parts(path)
        side = self.prover.second if where == SECOND else self.prover.side
        return side.dossier.at(operand).there

    def named(self, name: str) -> Term:
        """A name of the context."""
        return self.prover.side.context(self.name).evaluator.named(name)


def decided(side: Side, context: str, word: str, name: str) -> Term:
    """What a word says of an unknown dossier."""
    texts = side.prover.texts
    if word in (VERDICT, PROVISIONAL, TO_PAY):
        terms = side.request(name)
        known = both(side.holds(name), terms.decided)
        if word == VERDICT:
            return _one_of(known, [(when, verdict) for verdict, when in terms.verdicts()], texts)
        if word == PROVISIONAL:
            return Truth(both(known, terms.provisional), both(known, negation(terms.provisional)))
        return Value(known, terms.payable.term, terms.payable.whole, terms.payable.decimals)
    if word == FINDING:
        found = side.context(context).rules.get(name)
        if found is None:
            raise Untranslated(f"la règle `{name}`, qui ne vérifie rien dans `{context}`")
        return _one_of(TRUE, [(when, str(result)) for result, when in found.results.items()], texts)
    recovery = side.recovery
    if word == UNDUE:
        return recovery.claimed(name)
    assert word == RECOVERED
    steps = _steps(recovery, name)
    return _one_of(either(*(when for when, _ in steps)), steps, texts)


def _steps(terms: ContextTerms, rule: str) -> list[tuple[Any, str]]:
    found = []
    for outcome, when in terms.rules[rule].reached.items():
        result, _, step = outcome.partition(":")
        found.append((when, step or (NO_CASE if result == Result.NOT_APPLICABLE else MISSING_CASE)))
    return found


def _one_of(known: Any, cases: Sequence[tuple[Any, str]], texts: Any) -> Value:
    *others, (_, last) = cases
    found = constant(last, texts)
    assert isinstance(found, Value)
    term = found.term
    for when, text in others:
        other = constant(text, texts)
        assert isinstance(other, Value)
        term = choose(when, other.term, term)
    return Value(known, term)


# --- two dossiers ---------------------------------------------------------------------------------------------------


def _alike(prover: Prover, pair: Comparison, scope: Scope) -> Iterator[Any]:
    """What makes two unknown dossiers differ only as a comparison says, in what is read of either."""
    first, second = prover.side.dossier, prover.second.dossier
    differ, kept = [word.text for word in pair.differ], [word.text for word in pair.kept]
    for node in dict.fromkeys(_counterpart(first.root, one) for one in scope.nodes):
        twin = _counterpart(second.root, node)
        if _under(node.name, differ):
            continue
        if node.free:
            removable = pair.removed and not _under(node.name, kept)
            yield implies(twin.there, node.there) if removable else node.there == twin.there
        if node.variable is not None:
            yield node.variable == twin.variable
        if node.length is not None:
            yield node.length == twin.length
    for rule in dict.fromkeys(rule for _, rule in scope.answers) if not _under(APPRAISALS, differ) else ():
        value, other = (one.answer(rule, tuple(prover.pack.rules[rule].answers)) for one in (first, second))
        removable = pair.removed and not _under(APPRAISALS, kept)
        yield implies(other.known, value.known) if removable else other.known == value.known
        yield other.term == value.term


def _counterpart(root: Node, node: Node) -> Node:
    """The same datum in the other dossier."""
    found = root
    for part in node.name.split("."):
        name, *ranks = part.replace("]", "").split("[")
        found = found.member(name)
        for rank in ranks:
            found = found.elements[int(rank)]
    return found


def _under(name: str, paths: Sequence[str]) -> bool:
    return any(name == path or name.startswith((f"{path}.", f"{path}[")) for path in paths)


# --- real decisions -------------------------------------------------------------------------------------------------


class _Confirmation:
    """Whether a property is contradicted by real dossiers, decided by the engines."""

    def __init__(self, prover: Prover, typed: Typed) -> None:
        self.prover, self.typed = prover, typed

    def __call__(self, dossiers: Sequence[Dossier], day: date) -> bool:
        contexts = contexts_of(self.typed)
        programme, context = self.prover.programme, self.typed.property.request.text
        decisions = [programme.decide(dossier, day, contexts) for dossier in dossiers]
        evaluations = [next(programme.decider.evaluations(dossier, day, [context])) for dossier in dossiers]
        layout = Layout(programme.zone)
        when = None if self.typed.when is None else build(self.typed.when, layout)
        claim = build(self.typed.claim, layout)
        slots = layout.empty()
        for expr in trees_of(self.typed):
            for node in nodes(expr):
                # a presence reads its field too
                path = node.value if node.op in ("present", "absent") and isinstance(node.value, str) else None
                if node.op in REFERENCES or path is not None:
                    op = FIELD if path is not None else node.op
                    slots[layout.slot(op, str(node.value))] = self._read(
                        op, str(node.value), dossiers, decisions, evaluations
                    )
        with decimal.localcontext(EXACT):
            if when is not None and when(slots) is not True:
                return False
            return bool(claim(slots) is True) is self.typed.property.never

    def _read(
        self,
        op: str,
        name: str,
        dossiers: Sequence[Dossier],
        decisions: Sequence[Decision],
        evaluations: Sequence[Evaluation],
    ) -> Any:
        pack = self.prover.pack
        if op == FIELD:
            where, word, operand = parts(name)
            rank = PAIR.index(where) if where else 0
            if word:
                return shown(decisions[rank], self.typed.property.request.text, word, operand)
            evaluation = evaluations[rank]
            for known in (AMOUNT_NAME, DEDUCTION) if where else ():
                if (known, operand) in evaluation.context.layout.slots:
                    return evaluation.slots[evaluation.context.layout.slots[known, operand]]
            return self._datum(dossiers[rank], operand)
        evaluation = evaluations[0]
        slot = evaluation.context.layout.slots.get((op, name))
        if slot is not None:
            return evaluation.slots[slot]
        if op == TODAY:
            return decisions[0].decided_on
        if op == HISTORY:
            return pack.parameters[name].history
        if op == ANSWER:
            record = dossiers[0].data.get("appreciations", {}).get(name)
            return None if record is None else record["reponse"]
        assert op == PARAMETER
        parameter = pack.parameters[name]
        found = parameter.at(self.prover.reading_day(parameter, evaluation, decisions[0].decided_on))
        return None if found is None else found.value

    def _datum(self, dossier: Dossier, path: str) -> Any:
        value: Any = dossier.data
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        type_ = lookup(self.prover.pack.facts, path)
        convert = converter(type_, self.prover.programme.zone) if type_ is not None else None
        return value if value is None or convert is None else convert(value)


def shown(decision: Decision, context: str, word: str, name: str) -> Any:
    """What a word says of a real decision."""
    if word in (VERDICT, PROVISIONAL, TO_PAY):
        request = decision.request(name)
        if word == VERDICT:
            return str(request.verdict)
        if word == PROVISIONAL:
            return request.provisional
        return request.payable.value if request.payable is not None else decimal.Decimal(0)
    if word == FINDING:
        findings = decision.recovery_findings if context == RECOVERY else decision.request(context).findings
        results = [finding.result for finding in findings if finding.rule == name]
        return str(min(results, key=GRAVEST.index))
    case = next((case for case in decision.recovery if case.rule == name), None)
    if word == UNDUE:
        return None if case is None else case.amount.value
    return NO_CASE if case is None else case.step or MISSING_CASE
