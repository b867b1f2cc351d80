"""Expressions and contexts of a pack on the unknown dossier: values, outcomes, verdicts and amounts as terms.

`Evaluator` computes expressions as `language.evaluate` does; `Request` and `Recovery` read outcomes as
`decision.findings`, `decision.verdict` and `decision.context_decider` do.  The tests compare them on random dossiers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import z3
from msgspec import Struct

from recevable.decision.findings import consequence_of
from recevable.decision.model import DatumOrigin
from recevable.language.operations import FIRST, OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    ANSWER,
    AT,
    DECIDED,
    DEDUCTION,
    FIELD,
    FILTER,
    HISTORY,
    LITERAL,
    PARAMETER,
    PRESENT,
    TODAY,
    VARIABLE,
    Expr,
    source_of,
)
from recevable.language.types import Kind
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import APPLICANT, Check, Consequence, Context, Definition, Outcome, Result, Rule
from recevable.proofs.dossiers import Node, Unknown
from recevable.proofs.operations import Tools, equal, folded, in_time, kept, periods, translated
from recevable.proofs.terms import (
    FALSE,
    TRUE,
    Cases,
    Items,
    Term,
    Truth,
    Untranslated,
    Value,
    both,
    choose,
    constant,
    either,
    known_if,
    negation,
    rational,
    real,
    select,
)

# What prevents an answer, by who can give it: the applicant, another party or a correction, the pack, a human.
OWED: Final = "due"
OTHER: Final = "autre"
UNSET: Final = "parametre"
UNANSWERED: Final = "reponse"
NO_RULE: Final = f"{DatumOrigin.VALUE}:"  # then the name that no rule gives
Blame = Mapping[str, Any]
# The failures that say what to do about a request.
_OBSTACLES: Final = (Consequence.REJECT, Consequence.COMPLETE)
# The decimals of an amount that can be paid.
_CENTS: Final = 2

Loops = dict[str, "Node | Term"]
Key = tuple[int, tuple[tuple[str, int], ...]]
# What a property reads besides the dossier: `verdict.solde`.
Reader = Callable[[str], Term]


class Evaluator:
    """The values of expressions of one context; each is translated once."""

    def __init__(
        self, compiled: CompiledPack, context: Context | None, dossier: Unknown, tools: Tools, today: Any
    ) -> None:
        self.compiled, self.pack, self.context = compiled, compiled.pack, context
        self.dossier, self.tools, self.today = dossier, tools, today
        self.definitions: dict[str, Definition] = {d.name: d for d in context.definitions} if context else {}
        self.clashes: dict[str, Any] = {}
        # with what the keys identify: the identity of what is gone may serve again
        self._values: dict[Key, tuple[Term, Expr, Loops | None]] = {}
        self._named: dict[str, Term] = {}
        self._parameters: dict[str, Term] = {}
        self._blames: dict[Key, tuple[Blame, Expr, Loops | None]] = {}

    def of(self, expr: Expr, loops: Loops | None = None) -> Term:
        """The value of an expression; raises Untranslated."""
        key = _key(expr, loops or {})
        known = self._values.get(key)
        if known is None:
            known = self._values[key] = (self._value(expr, loops or {}), expr, loops)
        return known[0]

    def truth(self, expr: Expr, loops: Loops | None = None) -> Truth:
        """The value of a boolean expression."""
        found = self.of(expr, loops)
        assert isinstance(found, Truth)
        return found

    def _value(self, expr: Expr, loops: Loops) -> Term:
        op = expr.op
        if op == LITERAL:
            if isinstance(expr.value, str):
                self.tools.texts.write(expr.value)
            return constant(expr.value, self.tools.texts)
        if op == FIELD:
            return self.field(str(expr.value))
        if op == TODAY:
            return Value(TRUE, self.today)
        if op == PARAMETER:
            return self.parameter(str(expr.value))
        if op == HISTORY:
            return Cases(((TRUE, self.pack.parameters[str(expr.value)].history),))
        if op in (DEDUCTION, AMOUNT_NAME):
            return self.named(str(expr.value))
        if op == ANSWER:
            return self.dossier.answer(str(expr.value), tuple(self.pack.rules[str(expr.value)].answers))
        if op == VARIABLE:
            return _term(self._element(expr, loops))
        if op in (PRESENT, ABSENT):
            there = self._there(expr, loops)
            return Truth(there, negation(there)) if op == PRESENT else Truth(negation(there), there)
        if op == FILTER:
            source = self.of(expr.args[0], loops)
            assert isinstance(source, Items)
            return kept(source, self._body(expr, source, loops))
        if op in OPERATIONS and OPERATIONS[op].over_list:
            source = self.of(expr.args[0], loops)
            if not isinstance(source, Items):
                raise Untranslated(f"{op}, sur ce qui n'est pas une liste du dossier")
            return folded(expr, source, self._body(expr, source, loops), self.tools)
        return translated(expr, [self.of(arg, loops) for arg in expr.args], self.tools)

    def field(self, path: str) -> Term:
        """A datum of the dossier, or what a property reads besides."""
        if path.startswith(f"{DECIDED}."):
            raise Untranslated("une demande pour chaque élément d'une liste")
        return _term(self.dossier.at(path))

    def _body(self, expr: Expr, source: Items, loops: Loops) -> list[tuple[Any, Term]]:
        return [(there, self.of(expr.args[1], {**loops, str(expr.value): one})) for there, one in source.elements]

    def _element(self, expr: Expr, loops: Loops) -> Node | Term:
        variable, path = expr.value
        found = loops[variable]
        return found.at(path) if isinstance(found, Node) else found

    def _there(self, expr: Expr, loops: Loops) -> Any:
        if not expr.args:
            return self.present(str(expr.value))
        if expr.args[0].op == VARIABLE:
            found = self._element(expr.args[0], loops)
            return found.there if isinstance(found, Node) else found.known
        return self.of(expr.args[0], loops).known

    def present(self, path: str) -> Any:
        """When the dossier holds a datum."""
        if path.startswith(f"{DECIDED}."):
            raise Untranslated("une demande pour chaque élément d'une liste")
        return self.dossier.at(path).there

    # --- names ------------------------------------------------------------------------------------------------------

    def parameter(self, name: str) -> Term:
        """The value of a parameter on the day at which the context reads it."""
        if name not in self._parameters:
            parameter = self.pack.parameters[name]
            day = self.decision if parameter.by_decision or self.reception is None else self.reception
            cases = periods(parameter.history, day)
            for _, value in cases:
                if isinstance(value, str):
                    self.tools.texts.write(value)
            self._parameters[name] = in_time(cases, self.tools.texts)
        return self._parameters[name]

    @property
    def decision(self) -> Value:
        """The day of the decision."""
        return Value(TRUE, self.today)

    @cached_property
    def reception(self) -> Value | None:
        """The day of the reception of the request; None where nothing is received."""
        request = self.context.request if self.context is not None else None
        if request is None:
            return None
        node = self.dossier.at(request.reception)
        value = node.term()
        assert isinstance(value, Value)
        return value if node.type.kind is Kind.DATE else Value(value.known, self.tools.calendar.day(value.term))

    def named(self, name: str) -> Term:
        """A deduction or a number of the context; raises Untranslated for a name that it does not compute."""
        if name not in self._named:
            definition = self.definitions.get(name)
            if definition is None:
                raise Untranslated(f"`{name}`, qui ne se calcule pas ici")
            self._named[name] = (
                self._chosen(definition) if definition.deduction is None else self.of(definition.deduction)
            )
        return self._named[name]

    def _chosen(self, definition: Definition) -> Term:
        """The value of the rule that applies, among those that give a number; `clashes` when two give two."""
        given: list[tuple[Truth, Term]] = []
        for amount in definition.amounts:
            applies = Truth(TRUE, FALSE) if amount.when is None else self.truth(amount.when)
            given.append((applies, self.of(amount.rounded)))
        clashes = [
            both(one.yes, value.known, other.yes, second.known, negation(equal(value, second)))
            for rank, (one, value) in enumerate(given)
            for other, second in given[:rank]
        ]
        if clashes:
            self.clashes[definition.name] = either(*clashes)
        result = given[-1][1]
        for applies, value in reversed(given[:-1]):
            result = select(applies.yes, value, result)
        settled = [either(applies.no, both(applies.yes, value.known)) for applies, value in given]
        return known_if(both(*settled, either(*(applies.yes for applies, _ in given))), result)

    # --- what is missing --------------------------------------------------------------------------------------------

    def blame(self, expr: Expr, loops: Loops | None = None) -> Blame:
        """When data of each sort make an expression unknown (`decision.unknowns`)."""
        key = _key(expr, loops or {})
        known = self._blames.get(key)
        if known is None:
            known = self._blames[key] = (self._blame(expr, loops or {}), expr, loops)
        return known[0]

    def _blame(self, expr: Expr, loops: Loops) -> Blame:
        unknown = negation(self.of(expr, loops).known)
        if unknown is FALSE:
            return {}
        return {sort: both(unknown, when) for sort, when in self._reasons(expr, loops).items()}

    def _reasons(self, expr: Expr, loops: Loops) -> Blame:
        op = expr.op
        if op in (DEDUCTION, AMOUNT_NAME):
            return self.blame_name(str(expr.value))
        if op == PARAMETER:
            parameter = self.pack.parameters[str(expr.value)]
            if parameter.by_decision or self.reception is None:
                return {UNSET: TRUE}
            assert self.context is not None
            assert self.context.request is not None
            node = self.dossier.at(self.context.request.reception)
            return merged({self._supply(node): negation(node.there)}, {UNSET: node.there})
        if op == FIELD:
            return {self._supply(self.dossier.at(str(expr.value))): TRUE}
        if op == VARIABLE:
            found = self._element(expr, loops)
            return {self._supply(found) if isinstance(found, Node) else OTHER: TRUE}
        if op == ANSWER:
            return {UNANSWERED: TRUE}
        if op == HISTORY or not expr.args:
            return {OTHER: TRUE}
        if op == AT:
            known = self.of(expr.args[1], loops).known
            return merged({UNSET: known}, _when(negation(known), self.blame(expr.args[1], loops)))
        if op in OPERATIONS and OPERATIONS[op].over_list:
            return self._blame_list(expr, loops)
        if op == "si":
            condition = self.truth(expr.args[0], loops)
            return merged(
                self.blame(expr.args[0], loops),
                _when(condition.yes, self.blame(expr.args[1], loops)),
                _when(condition.no, self.blame(expr.args[2], loops)),
            )
        operands = both(*(self.of(arg, loops).known for arg in expr.args))
        holidays = OPERATIONS[op].on_holidays if op in OPERATIONS else False
        return merged(
            {UNSET if holidays else OTHER: operands},
            *(self.blame(arg, loops) for arg in expr.args if arg.op != HISTORY),
        )

    def _blame_list(self, expr: Expr, loops: Loops) -> Blame:
        whole = source_of(expr)
        source = self.of(whole, loops)
        assert isinstance(source, Items)
        found = [_when(negation(source.known), self.blame(whole, loops))]
        filtered = expr.args[0] if expr.args[0] is not whole else None
        inside, before = [], TRUE
        if filtered is not None:
            answers = self._body(filtered, source, loops)
            sure = kept(source, answers).known
            for there, one in source.elements:
                around = {**loops, str(expr.value): one}
                found.append(_when(both(source.known, negation(sure), there), self.blame(filtered.args[1], around)))
        else:
            answers, sure = [(there, Truth(TRUE, FALSE)) for there, _ in source.elements], source.known
        for (there, one), (_, answer) in zip(source.elements, answers, strict=True):
            assert isinstance(answer, Truth)
            here = both(sure, there, answer.yes, before)
            if expr.op == FIRST:
                before = both(before, negation(both(there, answer.yes)))
            around = {**loops, str(expr.value): one}
            inside.append(both(here, negation(self.of(expr.args[1], around).known)))
            found.append(_when(here, self.blame(expr.args[1], around)))
        return merged(*found, {OTHER: both(sure, negation(either(*inside)))})

    def blame_name(self, name: str) -> Blame:
        """The same for a deduction or a number."""
        definition = self.definitions[name]
        if definition.deduction is not None:
            return self.blame(definition.deduction)
        found: list[Blame] = []
        excluded = []
        for amount in definition.amounts:
            if amount.when is None:
                excluded.append(FALSE)
                found.append(self.blame(amount.value))
                continue
            applies = self.truth(amount.when)
            excluded.append(applies.no)
            found.append(_when(applies.yes, self.blame(amount.value)))
            found.append(_when(negation(applies.known), self.blame(amount.when)))
        return merged(*found, {f"{NO_RULE}{name}": both(*excluded)})

    def _supply(self, node: Node) -> str:
        return OWED if self.dossier.supplied_by_applicant(node) else OTHER


def _key(expr: Expr, loops: Loops) -> Key:
    """An expression, for elements of lists, by identity."""
    return id(expr), tuple((name, id(one)) for name, one in loops.items())


def merged(*found: Blame) -> Blame:
    """The reasons of several expressions together."""
    result: dict[str, list[Any]] = {}
    for one in found:
        for sort, when in one.items():
            result.setdefault(sort, []).append(when)
    return {sort: either(*parts) for sort, parts in result.items()}


def _when(condition: Any, found: Blame) -> Blame:
    return {sort: both(condition, when) for sort, when in found.items()}


def _term(found: Node | Term) -> Term:
    if not isinstance(found, Node):
        return found
    if found.type.kind is Kind.OBJECT:
        # it is read as a value only to be unknown when it is not there (`pack.results`)
        return Truth(found.there, FALSE)
    return found.term()


# --- outcomes -------------------------------------------------------------------------------------------------------


class Ended(Struct, frozen=True):
    """One way a check may end: the outcome, when, and what is missing then (for a missing datum)."""

    check: Check
    outcome: Outcome
    when: Any
    blame: Blame


class RuleTerms:
    """When a rule has each result, before its consequences."""

    def __init__(
        self,
        rule: Rule,
        failed: Mapping[str, Any],
        missing: Sequence[tuple[Any, Blame]],
        appraised: Any,
        satisfied: Any,
        reached: Mapping[str, Any],
    ) -> None:
        """`failed` is by cause, `reached` by outcome; `missing` are the checks that lack data, in order."""
        self.rule, self.failed, self.missing = rule, failed, missing
        self.appraised, self.satisfied, self.reached = appraised, satisfied, reached

    @cached_property
    def waiting(self) -> Any:
        """When only human answers are missing."""
        return either(self.appraised, *(both(when, awaiting(blame)) for when, blame in self.missing))

    @cached_property
    def lacking(self) -> list[tuple[Any, Blame]]:
        """When data are missing, other than human answers."""
        return [(both(when, negation(awaiting(blame))), blame) for when, blame in self.missing]

    @cached_property
    def results(self) -> dict[Result, Any]:
        """When the rule has each result, the gravest of its findings."""
        failed = either(*self.failed.values())
        waiting = both(negation(failed), self.waiting)
        lacking = both(negation(either(failed, waiting)), either(*(when for when, _ in self.lacking)))
        satisfied = both(negation(either(failed, waiting, lacking)), self.satisfied)
        rest = negation(either(failed, waiting, lacking, satisfied))
        return {
            Result.FAILED: failed,
            Result.TO_APPRAISE: waiting,
            Result.MISSING: lacking,
            Result.SATISFIED: satisfied,
            Result.NOT_APPLICABLE: rest,
        }


def awaiting(blame: Blame) -> Any:
    """When something is missing, and human answers only."""
    others = either(*(when for sort, when in blame.items() if sort != UNANSWERED))
    return both(blame.get(UNANSWERED, FALSE), negation(others))


class ContextTerms:
    """The outcomes of a context on the unknown dossier."""

    def __init__(self, evaluator: Evaluator) -> None:
        assert evaluator.context is not None
        self.evaluator, self.context = evaluator, evaluator.context
        if self.context.loops:
            raise Untranslated("des règles pour chaque élément d'une liste")
        self.rules = self._rules()
        for definition in self.context.definitions:
            evaluator.named(definition.name)

    @property
    def decided(self) -> Any:
        """When the engine gives a decision."""
        return negation(either(*self.evaluator.clashes.values()))

    @cached_property
    def stuck(self) -> list[tuple[Any, Blame]]:
        """When something is missing for a decision that is still open, and what."""
        return [one for terms in self.rules.values() for one in terms.lacking]

    @cached_property
    def endings(self) -> list[Ended]:
        """Every way in which a check may end."""
        return [ended for check in self.context.checks for ended in self._of(check)]

    def _of(self, check: Check) -> list[Ended]:
        found: list[Ended] = []
        here = TRUE
        for step in check.steps:
            test = self.evaluator.truth(step.test)
            unknown = negation(test.known)
            for outcome, when in ((step.true, test.yes), (step.false, test.no), (step.unknown, unknown)):
                reached = both(here, when)
                if outcome is None or reached is FALSE:
                    continue
                blame = self.evaluator.blame(step.test) if outcome is step.unknown and when is unknown else {}
                found.append(Ended(check, outcome, reached, blame))
            passing = [
                when
                for outcome, when in ((step.true, test.yes), (step.false, test.no), (step.unknown, unknown))
                if outcome is None
            ]
            here = both(here, either(*passing))
        if here is not FALSE:
            found.append(Ended(check, check.final, here, {}))
        return found

    def _rules(self) -> dict[str, RuleTerms]:
        by_rule: dict[str, list[Ended]] = {}
        for ended in self.endings:
            by_rule.setdefault(ended.check.rule, []).append(ended)
        return {rule: self._rule(self.context.rules[rule], found) for rule, found in by_rule.items()}

    def _rule(self, rule: Rule, found: Sequence[Ended]) -> RuleTerms:
        failed: dict[str, list[Any]] = {}
        reached: dict[str, list[Any]] = {}
        missing: list[tuple[Any, Blame]] = []
        appraised, satisfied = [], []
        for one in found:
            reached.setdefault(str(one.outcome), []).append(one.when)
            if one.outcome.result is Result.FAILED:
                failed.setdefault(one.outcome.cause, []).append(one.when)
            elif one.outcome.result is Result.MISSING:
                missing.append((one.when, one.blame))
            elif one.outcome.result is Result.TO_APPRAISE:
                appraised.append(one.when)
            elif one.outcome.result is Result.SATISFIED:
                satisfied.append(one.when)
        return RuleTerms(
            rule,
            {cause: either(*when) for cause, when in failed.items()},
            missing,
            either(*appraised),
            either(*satisfied),
            {outcome: either(*when) for outcome, when in reached.items()},
        )


class RequestTerms(ContextTerms):
    """The decision on a request of the unknown dossier.

    `rejected`, `undecided`, `completed` and `accepted` exclude each other; `unpayable` is an acceptance that the engine
    refuses to give, because its amount cannot be paid.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        super().__init__(evaluator)
        request = self.context.request
        assert request is not None
        if request.each:
            raise Untranslated("une demande pour chaque élément d'une liste")
        self.request = request
        self._amountless: tuple[Any, Blame] = FALSE, {}
        self._conclude()

    def _conclude(self) -> None:
        rejects, completes, unset, satisfied = [], [], [], []
        for terms in self.rules.values():
            for cause, when in terms.failed.items():
                consequence = self._consequence(terms.rule, cause)
                if consequence is Consequence.REJECT:
                    rejects.append(when)
                elif consequence is Consequence.COMPLETE:
                    completes.append(when)
            refused, asked, parameters = self._lacking(terms.rule, terms.lacking)
            rejects.append(refused)
            completes.append(asked)
            unset.append(parameters)
            satisfied.append(terms.results[Result.SATISFIED])
        against = either(*rejects, *completes)
        waiting = [terms.waiting for terms in self.rules.values()]
        if self.request.amount:
            refused, asked, parameters, open_ = self._without_amount(either(*rejects), against)
            rejects.append(refused)
            completes.append(asked)
            unset.append(parameters)
            waiting.append(open_)
        self.provisional = either(*waiting)
        self.rejected = either(*rejects)
        kept = negation(self.rejected)
        completed, sure = either(*completes), negation(either(*unset))
        self.undecided = both(kept, either(negation(sure), both(negation(completed), negation(either(*satisfied)))))
        self.completed = both(kept, sure, completed)
        agreed = both(kept, sure, negation(completed), either(*satisfied))
        self.unpayable = both(agreed, self._unpayable())
        self.accepted = both(agreed, negation(self.unpayable))

    def _lacking(self, rule: Rule, lacking: Sequence[tuple[Any, Blame]]) -> tuple[Any, Any, Any]:
        """When missing data reject a request, when they make it to be completed, when a parameter is among them."""
        refused, asked, unset = [], [], []
        for when, blame in lacking:
            others = either(*(one for sort, one in blame.items() if sort != OWED))
            owed = negation(others) if self.request.strict and rule.party == APPLICANT else FALSE
            refused.append(both(when, owed))
            asked.append(both(when, negation(owed)))
            unset.append(both(when, blame.get(UNSET, FALSE)))
        return either(*refused), either(*asked), either(*unset)

    @cached_property
    def stuck(self) -> list[tuple[Any, Blame]]:
        """The same, unless a failure says what to do."""
        failing = either(
            *(
                when
                for terms in self.rules.values()
                for cause, when in terms.failed.items()
                if self._consequence(terms.rule, cause) in _OBSTACLES
            )
        )
        return [(both(when, negation(failing)), blame) for when, blame in (*super().stuck, self._amountless)]

    @cached_property
    def proposed(self) -> Value | None:
        """The amount that the request proposes; None when it proposes none."""
        if not self.request.amount:
            return None
        found = self.evaluator.named(self.request.amount)
        assert isinstance(found, Value)
        return found

    def _without_amount(self, rejected: Any, against: Any) -> tuple[Any, Any, Any, Any]:
        """What an unknown amount does: reject, complete, leave undecided, or wait for a human."""
        assert self.proposed is not None
        unknown, blame = negation(self.proposed.known), self.evaluator.blame_name(self.request.amount)
        alone = both(unknown, negation(against))
        rule = self.compiled_rule(self.request.amount)
        open_ = both(alone, awaiting(blame))
        self._amountless = both(alone, negation(open_)), blame
        refused, asked, parameters = self._lacking(rule, [self._amountless])
        # beside another obstacle, only the data that it does not ask for count: which ones is left open
        more = both(unknown, against, negation(rejected))
        if self.request.strict:
            refused = either(refused, self._open("refus", both(more, blame.get(OWED, FALSE))))
        parameters = either(parameters, self._open("parametre", both(more, blame.get(UNSET, FALSE))))
        waiting = self._open("question", both(more, blame.get(UNANSWERED, FALSE)))
        return refused, asked, parameters, either(open_, waiting)

    def _open(self, what: str, when: Any) -> Any:
        """Part of a condition, about which nothing is assumed."""
        if when is FALSE:
            return FALSE
        free = self.evaluator.tools.free
        name = f"montant inconnu de `{self.request.name}`, à côté d'un autre obstacle"
        free[name] = either(free.get(name, FALSE), when)
        return both(when, z3.Bool(f"{self.evaluator.dossier.prefix}{self.request.name}:{what}:{self._asked}"))

    @cached_property
    def _asked(self) -> int:
        """A number for what is asked besides the amount, which settles what is left open: the same, whatever else."""
        found = [term for blame in (self.evaluator.blame_name(self.request.amount),) for term in blame.values()]
        for terms in self.rules.values():
            found.append(terms.appraised)
            found += [term for when, blame in terms.missing for term in (when, *blame.values())]
            found += [
                when
                for cause, when in terms.failed.items()
                if self._consequence(terms.rule, cause) is Consequence.COMPLETE
            ]
        return self.evaluator.tools.rank(found, *self.rules)

    def _consequence(self, rule: Rule, cause: str) -> Consequence | None:
        return consequence_of(rule.cause(cause), rule, strict=self.request.strict)

    def compiled_rule(self, amount: str) -> Rule:
        """The rule whose amount is reported when it is unknown."""
        return self.evaluator.definitions[amount].amounts[0].rule

    def _unpayable(self) -> Any:
        if self.proposed is None:
            return FALSE
        term = real(self.proposed.term)
        faults = [term < rational(0)]
        if self.proposed.decimals > _CENTS:
            faults.append(negation(z3.IsInt(term * rational(10**_CENTS))))
        if self.context.maximum is not None:
            limit = self.evaluator.of(self.context.maximum)
            assert isinstance(limit, Value)
            faults += [negation(limit.known), term > real(limit.term)]
        return both(self.proposed.known, either(*faults))

    @cached_property
    def payable(self) -> Value:
        """The amount to pay now; zero when nothing is to be paid."""
        if self.proposed is None:
            return Value(TRUE, rational(0))
        settled = Truth(FALSE, TRUE)
        if self.context.settled is not None:
            settled = self.evaluator.truth(self.context.settled)
        pays = both(self.accepted, negation(self.provisional), settled.no, self.proposed.known)
        return Value(TRUE, choose(pays, real(self.proposed.term), rational(0)), self.proposed.whole, 2)

    @property
    def decided(self) -> Any:
        """When the engine gives a decision on the request."""
        return both(super().decided, negation(self.unpayable))

    def verdicts(self) -> list[tuple[str, Any]]:
        """When the request has each verdict."""
        return [
            ("rejeter", self.rejected),
            ("indecidable", self.undecided),
            ("completer", self.completed),
            ("accepter", self.accepted),
        ]


class RecoveryTerms(ContextTerms):
    """The cases of undue payment of the unknown dossier."""

    def claimed(self, rule: str) -> Value:
        """The amount of a case."""
        found = self.evaluator.of(self.evaluator.compiled.claimed(self.context.rules[rule]))
        assert isinstance(found, Value)
        return found
