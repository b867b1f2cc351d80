"""Questions about every dossier: proved, or refuted by a dossier that the engines have decided, or not decided.

A proof holds within bounds (`dossiers.Bounds`).  An example is looked for as near as possible to a real dossier, made
of concrete texts, valid against the schema, and decided by the real engines before it is given to anyone.
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Final

import z3
from msgspec import Struct

from recevable.decision.appraisals import recorded
from recevable.decision.model import AppraisalState
from recevable.dossier.dossier import Dossier
from recevable.dossier.fields import declaration
from recevable.dossier.validate import SchemaValidator
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import Evaluation
from recevable.language.calendar import local_day
from recevable.language.diagnostics import DiagnosticError
from recevable.language.evaluate import EXACT, build
from recevable.language.evaluate import Evaluator as Closure
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD
from recevable.language.types import Kind
from recevable.pack.model import RECOVERY, Context, Pack, Parameter
from recevable.programme import Programme
from recevable.proofs.days import Calendar
from recevable.proofs.dossiers import Node, Scope, Unknown
from recevable.proofs.names import Names, bits
from recevable.proofs.operations import Tools
from recevable.proofs.search import TIME, Search
from recevable.proofs.terms import TRUE, Untranslated, both, implies, integer
from recevable.proofs.texts import Texts
from recevable.proofs.translation import ContextTerms, Evaluator, RecoveryTerms, RequestTerms
from recevable.trials.coverage import FALSE as NO
from recevable.trials.coverage import TRUE as YES
from recevable.trials.coverage import VALUE
from recevable.trials.proved import Answer, Bounds, Example, Status, bounds_of
from recevable.trials.suite import Trial

# Rates of an example, in ten-thousandths.
_RATES: Final = (0, 210, 550, 850, 1000, 2000, 5000, 10_000)

# Texts of a datum taken from real dossiers other than the one nearby.
_OTHERS: Final = 2


class Base(Struct, frozen=True):
    """A real dossier, near which examples are looked for."""

    name: str
    dossier: Dossier
    day: date


def bases_of(trials: Iterable[Trial]) -> list[Base]:
    """The dossiers that trials decide, each with its name and its day."""
    return [Base(one.name, one.dossier, one.day) for one in trials if one.dossier is not None and one.day is not None]


class NotConfirmed(Exception):
    """An example that the engines do not confirm: the translation is wrong.  `example` shows where."""

    def __init__(self, question: str, example: Example, why: str) -> None:
        super().__init__(question)
        self.question, self.example, self.why = question, example, why


# What a decision shows of a rule: context, rule, outcome (or `VALUE`, `YES`, `NO` for the name that it gives).
Reached = tuple[str, str, str]

# Whether real dossiers, decided on a day, are an example; raises Contradiction when there is no decision.
Confirm = Callable[[Sequence[Dossier], date], bool]


class Side:
    """An unknown dossier, and what a programme (that of the prover, by default) decides on it."""

    def __init__(
        self, prover: Prover, name: str, programme: Programme | None = None, dossier: Unknown | None = None
    ) -> None:
        self.prover, self.programme = prover, programme or prover.programme
        pack = self.programme.pack
        self.dossier = dossier or Unknown(pack, prover.bounds, prover.texts, prover.calendar, name)
        self._contexts: dict[str, ContextTerms | str] = {}

    def context(self, name: str) -> ContextTerms:
        """The outcomes of a context; raises Untranslated."""
        if name not in self._contexts:
            try:
                compiled, prover = self.programme.compiled, self.prover
                evaluator = Evaluator(compiled, compiled.context(name), self.dossier, prover.tools, prover.today)
                made = RecoveryTerms(evaluator) if name == RECOVERY else RequestTerms(evaluator)
                self._contexts[name] = made
            except Untranslated as refusal:
                self._contexts[name] = refusal.what
        found = self._contexts[name]
        if isinstance(found, str):
            raise Untranslated(found)
        return found

    def request(self, name: str) -> RequestTerms:
        """The decision on a request; raises Untranslated."""
        found = self.context(name)
        assert isinstance(found, RequestTerms)
        return found

    @property
    def recovery(self) -> RecoveryTerms:
        """The cases of undue payment; raises Untranslated."""
        found = self.context(RECOVERY)
        assert isinstance(found, RecoveryTerms)
        return found

    def holds(self, name: str) -> Any:
        """When the dossier holds a request; recovery is always looked for."""
        if name == RECOVERY:
            return TRUE
        request = self.programme.manifest.requests[name]
        return self.dossier.at(request.each or request.root).there


class Prover:
    """Answers questions about one programme."""

    def __init__(
        self, programme: Programme, bases: Sequence[Base] = (), bounds: Bounds | None = None, time: int = TIME
    ) -> None:
        self.programme, self.compiled, self.pack = programme, programme.compiled, programme.pack
        self.bases, self.time = bases, time
        self.bounds = bounds or bounds_of(self.pack)
        self.texts = Texts()
        first, last = self.bounds.first.year, self.bounds.last.year
        self.calendar = Calendar(self.pack.manifest.zone, max(2, first - 3), min(9998, last + 12))
        self.tools = Tools(self.texts, self.calendar)
        self.today = z3.Int("aujourd_hui")
        self.sides = [Side(self, "")]
        self.names = Names()
        self._owners: dict[int, dict[Node | tuple[Unknown, str], None]] = {}
        self._owned: dict[Unknown, int] = {}
        self._choices: dict[tuple[int, tuple[str, ...]], Any] = {}
        self._admitted: dict[tuple[int, str, str], tuple[str, ...]] = {}
        self._chosen: dict[tuple[str, ...], Base | None] = {}
        self._givers: dict[str, list[tuple[str, Closure | None, int]]] = {}
        self._days = both(
            self.today >= integer(self.bounds.decided_from.toordinal()),
            self.today <= integer(self.bounds.decided_until.toordinal()),
        )

    @property
    def side(self) -> Side:
        """The unknown dossier of a question about one."""
        return self.sides[0]

    @property
    def second(self) -> Side:
        """The other dossier of a comparison."""
        if len(self.sides) == 1:
            self.sides.append(Side(self, "second."))
        return self.sides[1]

    def prepare(self, context: str, *, pair: bool = False) -> None:
        """Translate a context and read its terms, before questions about it; raises Untranslated."""
        for side in [self.side, self.second] if pair else [self.side]:
            terms = side.context(context)
            self.names.of(terms.decided)
            for rule in terms.rules.values():
                self.names.of(*rule.reached.values(), *rule.results.values())
        self._base(() if context == RECOVERY else (context,))

    def reading_day(self, parameter: Parameter, evaluation: Evaluation, day: date) -> date | None:
        """The day at which a context reads a parameter, in a real decision."""
        request = evaluation.context.request
        if parameter.by_decision or request is None:
            return day
        received = evaluation.slots[evaluation.context.layout.slots[FIELD, request.reception]]
        return None if received is None else local_day(received, self.programme.zone)

    # --- what real dossiers show --------------------------------------------------------------------------------------

    @cached_property
    def seen(self) -> Sequence[tuple[Base, frozenset[Reached]]]:
        """The outcomes that each real dossier reaches."""
        return [(base, self.reached(base.dossier, base.day)) for base in self.bases]

    @cached_property
    def shown(self) -> frozenset[Reached]:
        """The outcomes that some real dossier reaches."""
        return frozenset(one for _, found in self.seen for one in found)

    def reached(self, dossier: Dossier, day: date) -> frozenset[Reached]:
        """The outcomes that a real dossier reaches, and the values that rules give; none when there is no decision."""
        try:
            evaluations = list(self.programme.decider.evaluations(dossier, day))
        except Contradiction:
            return frozenset()
        return frozenset(one for found in evaluations if not found.each for one in self._reached(found))

    def _reached(self, one: Evaluation) -> Iterator[Reached]:
        name = one.context.name
        for check, outcome in zip(one.context.checks, one.outcomes(), strict=True):
            yield name, check.rule, str(outcome)
        if name not in self._givers:
            self._givers[name] = list(_givers(one.context))
        with decimal.localcontext(EXACT):
            for rule, when, slot in self._givers[name]:
                value = one.slots[slot]
                if value is not None and (when is None or when(one.slots)):
                    yield name, rule, (YES if value else NO) if isinstance(value, bool) else VALUE

    def accepts(self, dossier: Dossier, day: date, requests: Sequence[str]) -> bool:
        """Whether the engines finally accept requests of a real dossier; not when there is no decision."""
        try:
            return self.programme.decide(dossier, day, requests).accepted
        except Contradiction:
            return False

    def accepted(self, request: str) -> bool:
        """Whether some real dossier has a request accepted."""
        base = self._base((request,))
        return base is not None and self.accepts(base.dossier, base.day, (request,))

    # --- asking -----------------------------------------------------------------------------------------------------

    def ask(
        self,
        name: str,
        against: Any,
        confirm: Confirm,
        requests: Sequence[str] = (),
        *,
        about: Any = TRUE,
        pair: bool = False,
        base: Base | None = None,
        vacuous: bool = True,
    ) -> Answer:
        """Whether no dossier is `against` what is asked, among those that it is `about` and that hold `requests`.

        `confirm` says whether a real dossier is against it; an example is looked for near `base`, by default near one
        with these requests accepted.  `vacuous`: a question that is about no dossier at all is told from one that is
        proved.  Raises NotConfirmed when the engines do not confirm an example although nothing in it was approximated.
        """
        sides = self.sides if pair else self.sides[:1]
        held = [side.holds(name) for side in sides for name in requests]
        question = both(about, against, *held)
        scope = self.scope(question)
        search = Search(self.time)
        search.add(question, self._days, *self._known_of(scope))
        if search.check() == z3.unsat:
            if not vacuous:
                return Answer(Status.PROVED)
            nobody = self.possible(both(about, *held), seconds=1) is False
            return Answer(Status.EMPTY if nobody else Status.PROVED)
        # an example may be found where no proof is: its data are nearly all those of a real dossier
        return self._example(name, search, scope, confirm, base or self._base(tuple(requests)), sides)

    def possible(self, condition: Any, requests: Sequence[str] = (), seconds: int | None = None) -> bool | None:
        """Whether some dossier that holds `requests` may meet a condition, within the bounds; None: it is not known."""
        question = both(condition, *(self.side.holds(name) for name in requests))
        search = Search(seconds or self.time)
        search.add(question, self._days, *self._known_of(self.scope(question)))
        found = search.check()
        return None if found == z3.unknown else found == z3.sat

    # --- what a question reads ----------------------------------------------------------------------------------------

    def scope(self, *conditions: Any) -> Scope:
        """What conditions read, and what must be there with it for a dossier to be whole."""
        dossiers = list(dict.fromkeys(side.dossier for side in self.sides))
        names = self.names.of(self.today, *conditions)
        nodes: dict[Node, None] = {}
        answers: dict[tuple[Unknown, str], None] = {}
        seen = 0
        while names != seen:
            for law in (*self.tools.laws, *(one for dossier in dossiers for one in dossier.alternatives)):
                # those of a dossier that is not in question are left out
                if self.names.of(law) & names:
                    names |= self.names.of(law)
            self._own(dossiers)
            fresh, seen = names & ~seen, names
            for bit in bits(fresh):
                for owner in self._owners.get(bit, ()):
                    if isinstance(owner, Node):
                        self._whole(owner, nodes)
                    else:
                        answers[owner] = None
            for node in nodes:
                names |= self._variables(node)
            for dossier, rule in answers:
                names |= self.names.of(dossier.answers[rule].known, dossier.answers[rule].term)
        return Scope(nodes, answers, names)

    def _own(self, dossiers: Sequence[Unknown]) -> None:
        """Note whose variables are those of the data that were asked for since."""
        for dossier in dossiers:
            done = self._owned.get(dossier, 0)
            for node in dossier.nodes[done:]:
                for bit in bits(self._variables(node)):
                    self._owners.setdefault(bit, {})[node] = None
            self._owned[dossier] = len(dossier.nodes)
            for rule, value in dossier.answers.items():
                for bit in bits(self.names.of(value.known, value.term)):
                    self._owners.setdefault(bit, {})[dossier, rule] = None

    def _variables(self, node: Node) -> int:
        """The variables that are those of a datum itself."""
        own = [node.there] if node.free else []
        return self.names.of(*own, *(one for one in (node.variable, node.length) if one is not None))

    def _whole(self, node: Node, nodes: dict[Node, None]) -> None:
        """Add a datum, those that hold it, and those without which they would not be whole."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one not in nodes and one.name:
                nodes[one] = None
                waiting += [*one.needed, *([one.parent] if one.parent is not None else [])]

    def _known_of(self, scope: Scope) -> Iterator[Any]:
        """All that is known of what a question reads."""
        for dossier in dict.fromkeys(side.dossier for side in self.sides):
            yield from (one for one in dossier.alternatives if self._inside(one, scope))
            yield from (dossier.answer_limits[rule] for owner, rule in scope.answers if owner is dossier)
        yield from (node.within for node in scope.nodes)
        yield from (one for one in self.calendar.within if self._inside(one, scope))
        yield from (one for one in self.tools.laws if self._inside(one, scope))
        functions = self._functions(scope)
        known = self.names.of(*(self.texts.functions[name] for name in functions))
        for law in self.texts.laws:
            names = self.names.of(law)
            if names & known and not names & ~(scope.names | known):
                yield law
        yield self.texts.stated(functions)

    def _inside(self, term: Any, scope: Scope) -> bool:
        return not self.names.of(term) & ~scope.names

    def _functions(self, scope: Scope) -> list[str]:
        """The functions of texts that a question reads, with those that their laws name."""
        bit = {name: self.names.of(function) for name, function in self.texts.functions.items()}
        found = [name for name in bit if bit[name] & scope.names]
        for law in self.texts.laws:
            names = self.names.of(law)
            if any(bit[name] & names for name in found):
                found += [name for name in bit if bit[name] & names and name not in found]
        return found

    # --- examples ---------------------------------------------------------------------------------------------------

    def _example(
        self,
        question: str,
        search: Search,
        scope: Scope,
        confirm: Confirm,
        base: Base | None,
        sides: Sequence[Side],
    ) -> Answer:
        search.add(*self._concrete(scope, sides, base))
        model = None if base is None else self._near(search, scope, base, sides)
        if model is None:
            found = search.check()
            if found != z3.sat:
                used = sorted({name.partition(":")[0] for name in self._functions(scope)})
                why = f"aucun dossier trouvé avec des textes réels ({', '.join(f'`{op}`' for op in used)})"
                return Answer(Status.UNDECIDED, reason=why if found == z3.unsat else search.why())
            model = search.model()
        return self._confirmed(question, model, base, confirm, sides, scope)

    def _concrete(self, scope: Scope, sides: Sequence[Side], base: Base | None) -> Iterator[Any]:
        """Each free text and each rate is one of a few real ones; the functions have their true values on the texts."""
        everything: dict[str, None] = {}
        packs = {side.dossier: side.programme.pack for side in reversed(sides)}
        for node in scope.nodes:
            if node.type.kind is Kind.TEXT and not node.field.choices:
                samples = self._samples(packs[node.owner], node, base)
                everything |= dict.fromkeys(samples)
                # a datum of which no text is known is left out of the dossier
                key = (id(node), samples)
                if key not in self._choices:
                    one = z3.Or([node.variable == integer(self.texts.number(text)) for text in samples])
                    self._choices[key] = implies(node.there, one)
                yield self._choices[key]
            elif node.type.kind is Kind.RATE:
                yield z3.Or([node.variable == integer(rate) for rate in _RATES])
        yield self.texts.facts(everything, self._functions(scope))

    def _samples(self, pack: Pack, node: Node, base: Base | None) -> tuple[str, ...]:
        """Concrete texts that the schema admits for a datum, that of the real dossier first, then those of others."""
        key = (id(pack), node.name, "" if base is None else base.name)
        if key not in self._admitted:
            validator = SchemaValidator(declaration(pack.schema, node.field), pack.manifest.zone)
            near = [] if base is None else _seen(node.name, base)
            others = dict.fromkeys(text for other in self.bases for text in _seen(node.name, other))
            samples = self.texts.samples(node.type, [*near, *islice(others, _OTHERS)])
            self._admitted[key] = tuple(text for text in samples if validator.accepts(text))
        return self._admitted[key]

    def _base(self, requests: tuple[str, ...]) -> Base | None:
        """A real dossier with these requests, all accepted if there is one."""
        if requests not in self._chosen:
            holding = [base for base in self.bases if all(self._in(base, name) for name in requests)]
            accepted = (base for base in holding if self.accepts(base.dossier, base.day, requests))
            self._chosen[requests] = next(accepted, holding[0] if holding else None)
        return self._chosen[requests]

    def _near(self, search: Search, scope: Scope, base: Base, sides: Sequence[Side]) -> Any:
        """The model that differs least from a real dossier: as many of its data as possible are kept; None: not found.

        With nearly all data given, the solver answers where it would not about any dossier.
        """
        try:
            wanted = self._wanted(scope, base, sides)
        except ValueError:  # outside the bounds
            return None
        held = [search.mark(condition) for condition in wanted]
        # data in the way are let go, those of each contradiction together, then taken back one by one
        let_go: list[Any] = []
        found = search.check(held, seconds=1)
        while found == z3.unsat:
            core = search.core()
            if not core:
                break
            let_go += [one for one in held if one.get_id() in core]
            held = [one for one in held if one.get_id() not in core]
            found = search.check(held, seconds=1)
        model = search.model() if found == z3.sat else None
        for one in let_go if model is not None else ():
            if search.check([*held, one], seconds=1) == z3.sat:
                model = search.model()
                held.append(one)
        return model

    def _in(self, base: Base, request: str) -> bool:
        if request == RECOVERY:
            return True
        one = self.pack.manifest.requests[request]
        return (one.each or one.root) in base.dossier.data

    def _wanted(self, scope: Scope, base: Base, sides: Sequence[Side]) -> list[Any]:
        found = [self.today == integer(base.day.toordinal())]
        for side in sides:
            answers = {
                rule: record.record["reponse"]
                for rule, record in recorded(base.dossier.data, side.programme.compiled.answers, base.day).items()
                if record.state is AppraisalState.RECORDED
            }
            found += [condition for _, condition in side.dossier.reading(base.dossier.data, answers, scope)]
        return list({one.get_id(): one for one in found}.values())

    def _confirmed(
        self,
        question: str,
        model: Any,
        base: Base | None,
        confirm: Confirm,
        sides: Sequence[Side],
        scope: Scope,
    ) -> Answer:
        day = date.fromordinal(model.eval(self.today, model_completion=True).as_long())
        contents = self._contents(sides, model, {} if base is None else base.dossier.data, day, scope)
        example = Example(contents, day, "" if base is None else base.name)
        try:
            dossiers = self.read(contents)
        except DiagnosticError as error:
            why = error.diagnostics[0].message
            return Answer(Status.UNDECIDED, reason=f"le dossier trouvé n'est pas admis par le schéma : {why}")
        try:
            confirmed = confirm(dossiers, day)
            why = "la décision des moteurs ne le confirme pas"
        except Contradiction as error:
            confirmed, why = False, f"les moteurs ne décident pas : {error}"
        if confirmed:
            return Answer(Status.REFUTED, example)
        whens = self.tools.free.items()
        free = ", ".join(what for what, when in whens if z3.is_true(model.eval(when, model_completion=True)))
        if free:
            return Answer(Status.UNDECIDED, reason=f"ce n'est traduit que de façon approchée : {free}")
        raise NotConfirmed(question, example, why)

    def read(self, contents: Sequence[bytes]) -> list[Dossier]:
        """The dossiers of an example; raises DiagnosticError for one that the schema refuses."""
        return [self.programme.read(content) for content in contents]

    def _contents(
        self, sides: Sequence[Side], model: Any, data: Mapping[str, Any], day: date, scope: Scope
    ) -> tuple[bytes, ...]:
        """The dossiers of a model as JSON text, with the data of a real one where the question reads nothing."""
        return tuple(self.content(side.dossier.written(model, data, day, scope)) for side in sides)

    def content(self, data: Mapping[str, Any]) -> bytes:
        """A dossier as JSON text."""
        return (json.dumps({"programme": self.programme.name, **data}, ensure_ascii=False, indent=2) + "\n").encode()


def _givers(context: Context) -> Iterator[tuple[str, Closure | None, int]]:
    """The rules that give names: each with the closure of its condition, and the slot of the name."""
    slots = context.layout.slots
    for definition in context.definitions:
        if definition.deduction is not None:
            yield definition.rules[0].id, None, slots[DEDUCTION, definition.name]
        for amount in definition.amounts:
            when = None if amount.when is None else build(amount.when, context.layout)
            yield amount.rule.id, when, slots[AMOUNT_NAME, definition.name]


def _seen(name: str, base: Base) -> list[str]:
    """The text of a datum in a real dossier, if it has one."""
    value: Any = base.dossier.data
    for part in name.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return []
    return [value] if isinstance(value, str) else []
