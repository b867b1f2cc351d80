"""What a request may still become when only some fields are answered, and which open fields can still change it.

The result of a request is its verdict, whether it waits for a human, and its proposed amount.  `Outlook.open` leaves
out a field only when every value of it, with every value of the others, gives the same result; so a questionnaire that
asks those fields alone ends on the result of the whole dossier.  A field that is kept may turn out to change nothing:
two rules that look at the same fields are reasoned about apart.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.decide import Decider
from recevable.decision.findings import consequence_of
from recevable.decision.model import DatumOrigin, Verdict
from recevable.decision.possible import UNKNOWN, Ask, Possible, build, either, listed, single
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import converter
from recevable.dossier.fields import Field, fields
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import ReferenceEngine
from recevable.language.calendar import local_day
from recevable.language.evaluate import EXACT, Slots
from recevable.language.tree import (
    AMOUNT_NAME,
    ANSWER,
    DEDUCTION,
    FIELD,
    HISTORY,
    PARAMETER,
    TODAY,
    VARIABLE,
    Expr,
    nodes,
    reads_answers,
)
from recevable.language.types import ORDERED, Kind, Type
from recevable.pack.model import (
    APPLICANT,
    AmountRule,
    Check,
    Consequence,
    Context,
    Definition,
    ListContext,
    Outcome,
    Request,
    Result,
)

# How many cases of a check are distinguished before its fields are taken as independent.
_CASES: Final = 48
_DAY: Final = timedelta(days=1)
_TICK: Final = timedelta(microseconds=1)
_NOTHING: Final[frozenset[str]] = frozenset()
# The whole numbers that a dossier may hold.
_WHOLE: Final = (-(2**63), 2**63 - 1)


class Unsure(Enum):
    """The answer « je ne sais pas »: the field stays open, and is not asked again."""

    UNSURE = "je ne sais pas"


UNSURE: Final = Unsure.UNSURE
# A field to its JSON value, to None when the dossier does not have it, or to UNSURE.
Answers = Mapping[str, Any]


class Effect(Enum):
    """What a check brings to the verdict."""

    REJECT = "rejeter"
    UNDECIDABLE = "indecidable"
    COMPLETE = "completer"
    APPRAISE = "apprecier"
    SATISFIED = "satisfait"
    NOTHING = "rien"


class Outlook(Struct, frozen=True):
    """What a request may become.

    `verdicts` contains every verdict that is still possible, the heaviest first; `provisional` whether an accepted
    request may or must wait for a human (None: it depends); `amount` the possible values of the proposed amount, None
    for a request that proposes none.  `open` are the fields that can still change the result, the most useful first;
    `unsure` those that would be open, and that the person does not know.
    """

    verdicts: tuple[Verdict, ...]
    provisional: bool | None
    amount: Possible | None
    open: tuple[str, ...]
    unsure: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether no open field can change the result, known to the person or not."""
        return not self.open and not self.unsure


class OutlookReader:
    """Reads the outlook of one request; built once, used for many sets of answers.  Threads may share one."""

    def __init__(self, decider: Decider, request: str) -> None:
        self.decider = decider
        self.of_request = decider.context_decider(request)
        self.context: Context = self.of_request.context
        prepared = self.context.request
        if prepared is None:
            raise ValueError(f"{request!r} is no request of the programme")
        self.request: Request = prepared
        self.graph = self.of_request.unknowns.graph
        roots = tuple(f"{loop.list.root}." for loop in self.context.loops)
        known = decider.compiled.fields(request)
        # what rules about each element of a list read of it is not asked apart: the list is
        self.of_elements = {path for path in known if roots and f"{path}.".startswith(roots)}
        self.fields: dict[str, Type] = {path: type_ for path, type_ in known.items() if path not in self.of_elements}
        self.loops = {rule: loop for loop in self.context.loops for rule in loop.rules}
        declared = {one.path: one for top in fields(decider.pack.schema) for one in top.walk()}
        self.declared: dict[str, Field] = {path: declared[path] for path in self.fields}
        self.required = {path for path, one in declared.items() if one.required}
        self.rank = {path: rank for rank, path in enumerate(declared)}
        self._compared: dict[tuple[int, str], tuple[Check, list[tuple[Expr, bool]]]] = {}
        self._asks: dict[int, tuple[Expr, Ask]] = {}
        self._followed: dict[int, tuple[Expr, frozenset[tuple[str, str]]]] = {}
        self._rounded: dict[int, tuple[AmountRule, Ask]] = {}
        # the fields, and the reception, that each name depends on
        self.behind = {name: self._fields_of(self.graph.of(name)) for name in self.graph.definitions}
        self._at_date: dict[int, tuple[Expr, bool]] = {}

    def ask(self, expr: Expr) -> Ask:
        """The closure of an expression, cached."""
        known = self._asks.get(id(expr))
        if known is None:
            known = self._asks[id(expr)] = (expr, build(expr, self.context.layout))
        return known[1]

    def rounded(self, amount: AmountRule) -> Ask:
        """The closure of the value of an amount rule, rounded; cached."""
        known = self._rounded.get(id(amount))
        if known is None:
            known = self._rounded[id(amount)] = (amount, build(amount.rounded, self.context.layout))
        return known[1]

    def followed(self, expr: Expr) -> frozenset[tuple[str, str]]:
        """All that an expression reads, through names."""
        known = self._followed.get(id(expr))
        if known is None:
            known = self._followed[id(expr)] = (expr, frozenset(self.graph.follow(expr)))
        return known[1]

    def reads_at_date(self, expr: Expr) -> bool:
        """Whether an expression reads a parameter at a date of the law, through names; cached."""
        known = self._at_date.get(id(expr))
        if known is None:
            dated = any(node.op == HISTORY for reached in self.graph.reached(expr) for node in nodes(reached))
            known = self._at_date[id(expr)] = (expr, dated)
        return known[1]

    def fields_behind(self, expr: Expr) -> frozenset[str]:
        """The fields that an expression depends on, the reception included when it reads a parameter there."""
        return self._fields_of(self.followed(expr))

    def compared(self, check: Check, path: str) -> list[tuple[Expr, bool]]:
        """What a check compares a field with, and whether it compares the day of the field; cached."""
        known = self._compared.get((id(check), path))
        if known is None:
            found = list(dict.fromkeys(_comparisons(self.graph.reached(*(step.test for step in check.steps)), path)))
            known = self._compared[id(check), path] = (check, found)
        return known[1]

    def _fields_of(self, read: Iterable[tuple[str, str]]) -> frozenset[str]:
        found = set()
        for op, name in read:
            if op == FIELD:
                found.add(name)
            elif op == PARAMETER and not self.decider.pack.parameters[name].by_decision:
                found.add(self.request.reception)
        return frozenset(found)

    def read(self, answers: Answers, today: date) -> Outlook:
        """The outlook of the request with these answers, decided on day `today`.

        An answer is a JSON value that the schema accepts, None for a field that the dossier will not have, or UNSURE.
        A field whose object is answered by None is not there either.
        """
        with decimal.localcontext(EXACT):
            return _OutlookBuilder(self, answers, today).outlook()


class _World:
    """The possible values of every reference; `case` gives a world where some fields are narrowed."""

    def __init__(
        self,
        reader: OutlookReader,
        today: date,
        known: dict[str, Possible],
        above: _World | None = None,
        changed: frozenset[str] = _NOTHING,
    ) -> None:
        self.reader, self.today, self.known, self.above, self.changed = reader, today, known, above, changed
        self._names: dict[tuple[str, str], Possible] = {}
        self._elements: dict[str, list[Possible]] = above._elements if above else {}

    def case(self, narrowed: Mapping[str, Possible]) -> _World:
        """The same with other values of some fields."""
        return _World(self.reader, self.today, {**self.known, **narrowed}, self, frozenset(narrowed))

    def of(self, op: str, name: str) -> Possible:
        """See possible.World."""
        if op == FIELD:
            return self.known[name]
        if op == TODAY:
            return single(self.today)
        if op == HISTORY:
            return single(self.reader.decider.pack.parameters[name].history)
        if op == ANSWER:
            # nobody has judged anything yet
            return UNKNOWN
        found = self._names.get((op, name))
        if found is None:
            if self.above is not None and not (self._behind(op, name) & self.changed):
                found = self.above.of(op, name)
            else:
                found = self._parameter(name) if op == PARAMETER else self._definition(name)
            self._names[op, name] = found
        return found

    def _behind(self, op: str, name: str) -> frozenset[str]:
        if op in (DEDUCTION, AMOUNT_NAME):
            return self.reader.behind[name]
        parameter = self.reader.decider.pack.parameters[name]
        return _NOTHING if parameter.by_decision else frozenset({self.reader.request.reception})

    def element(self, variable: str) -> Possible:
        """See possible.World."""
        return self._elements[variable][-1]

    def push(self, variable: str, value: Possible) -> None:
        """See possible.World."""
        self._elements.setdefault(variable, []).append(value)

    def pop(self, variable: str) -> None:
        """See possible.World."""
        self._elements[variable].pop()

    def _parameter(self, name: str) -> Possible:
        parameter = self.reader.decider.pack.parameters[name]
        if parameter.by_decision:
            value = parameter.at(self.today)
            return single(None if value is None else value.value)
        received = self.known[self.reader.request.reception]
        if received.settled:
            day = None if received.value is None else local_day(received.value, self.reader.decider.zone)
            value = parameter.at(day)
            return single(None if value is None else value.value)
        # without a reception, before the first value and after the end there is none
        values = [value.value for value in parameter.values]
        return listed([v for v in values if v is not None], True, received.reads)

    def _definition(self, name: str) -> Possible:
        definition = self.reader.graph.definitions[name]
        if definition.deduction is not None:
            return self.reader.ask(definition.deduction)(self)
        return self._number(definition)

    def _number(self, definition: Definition) -> Possible:
        """The number of the rule that applies; unknown when none does, or when a condition is unknown."""
        found: list[Possible] = []
        reads: frozenset[str] = _NOTHING
        none_applies = True
        for amount in definition.amounts:
            when = single(True) if amount.when is None else self.reader.ask(amount.when)(self)
            reads |= when.reads
            if when.unknown:
                found.append(UNKNOWN)
            if when.can(True):
                found.append(self.reader.rounded(amount)(self))
            none_applies = none_applies and (when.can(False) or when.unknown)
        if none_applies:
            found.append(UNKNOWN)
        return either(found, reads)


class _OutlookBuilder:
    """One outlook being built: the answers as values, then what each check may bring."""

    def __init__(self, reader: OutlookReader, answers: Answers, today: date) -> None:
        self.reader, self.answers, self.today = reader, answers, today
        self.zone = reader.decider.zone
        self._unsure = {path for path, value in answers.items() if value is UNSURE}
        known = {path: self._field(path, type_) for path, type_ in reader.fields.items()}
        self.world = _World(reader, today, {**known, **dict.fromkeys(reader.of_elements, UNKNOWN)})
        self._slots: Slots | None = None

    # --- the fields -----------------------------------------------------------------------------------------------

    def _field(self, path: str, type_: Type) -> Possible:
        above = list(_above(path))
        if any(self.answers.get(one, UNSURE) is None for one in above):
            return UNKNOWN
        value = self.answers.get(path, UNSURE)
        if value is None:
            return UNKNOWN
        if value is not UNSURE:
            if type_.kind is Kind.OBJECT:
                return Possible((True,))
            convert = converter(type_, self.zone)
            return Possible((convert(value) if convert else value,))
        given = any(one.startswith(f"{path}.") and v is not None and v is not UNSURE for one, v in self.answers.items())
        there = path == self.reader.request.root or given
        if type_.kind is Kind.OBJECT and there:
            return Possible((True,))
        # what its object must have is there when the object is
        held = path in self.reader.required and (not above or self._is_there(above[0]))
        return self._any(path, type_, unknown=not held)

    def _is_there(self, path: str) -> bool:
        value = self.answers.get(path, UNSURE)
        return (value is not None and value is not UNSURE) or any(
            one.startswith(f"{path}.") and v is not None and v is not UNSURE for one, v in self.answers.items()
        )

    def _any(self, path: str, type_: Type, *, unknown: bool) -> Possible:
        """Every value that the schema lets a field have."""
        reads = frozenset({path})
        if type_.kind is Kind.OBJECT:
            return listed((True,), unknown, reads)
        if type_.kind is Kind.BOOLEAN:
            return listed((True, False), unknown, reads)
        if type_.values:
            return listed(type_.values, unknown, reads)
        bounds = self.reader.declared[path].bounds
        first, last = self.reader.decider.pack.manifest.years
        if type_.kind is Kind.INTEGER:
            return Possible(None, bounds.get("minimum", _WHOLE[0]), bounds.get("maximum", _WHOLE[1]), unknown, reads)
        if type_.kind is Kind.DATE:
            return Possible(None, date(first, 1, 1), date(last, 12, 31), unknown, reads)
        if type_.kind is Kind.INSTANT:
            # an instant may be written in any zone: a day more on each side
            start = datetime.combine(date(max(first, 2), 1, 1) - _DAY, time(), UTC)
            end = datetime.combine(date(min(last, 9998), 12, 31) + _DAY, time.max, UTC)
            return Possible(None, start, end, unknown, reads)
        return Possible(None, None, None, unknown, reads)

    # --- the checks -------------------------------------------------------------------------------------------------

    def outlook(self) -> Outlook:
        """What a set of answers leaves possible."""
        seen = self._seen()
        if seen is None:
            return Outlook((Verdict.REJECT,), False, None, (), ())
        amount, shortfall = self._amount()
        contributions = [(effects, reads) for _, effects, reads in seen]
        if shortfall is not None:
            contributions.append(shortfall)
        verdicts = self._verdicts(contributions, seen)
        matter = list(self._mattering(contributions, seen, verdicts))
        if amount is not None and amount.reads:
            matter.append((False, amount.reads))
        settled = self._settled()
        if settled is not None and Verdict.ACCEPT in verdicts and settled.reads:
            matter.append((False, settled.reads))
        provisional = self._provisional(contributions) if Verdict.ACCEPT in verdicts else False
        if not matter and (len(verdicts) > 1 or provisional is None):
            verdicts, provisional = self._decided(verdicts, provisional)
        return Outlook(verdicts, provisional, amount, *self._ordered(matter))

    def _decided(
        self, verdicts: tuple[Verdict, ...], provisional: bool | None
    ) -> tuple[tuple[Verdict, ...], bool | None]:
        """When no open field can change the result, the one that the reference evaluator gives without them."""
        try:
            evaluation = ReferenceEngine(self.reader.context).evaluate(self._filled())
            elements = tuple(self.reader.of_request.elements(self._facts(), self.today, {}))
            found = self.reader.of_request.request_decision(evaluation, {}, {}, elements=elements)
        except Contradiction:
            return verdicts, provisional
        if found.verdict not in verdicts:
            return verdicts, provisional
        return (found.verdict,), found.provisional if found.verdict is Verdict.ACCEPT else False

    def _seen(self) -> list[_Seen] | None:
        """What each check may bring; None when one certainly rejects.

        Cases are distinguished only where this may matter: first in what may reject, then, when nothing certainly asks
        for completion, in the others.
        """
        asked = [one for check in self.reader.context.checks for one in self._asked(check)]
        seen: list[_Seen] = [(check, *self._brought(check, world)) for check, world in asked]
        for rank, (check, effects, reads) in enumerate(seen):
            if Effect.REJECT in effects:
                seen[rank] = (check, *self._distinguished(check, asked[rank][1], effects, reads))
                if seen[rank][1] == {Effect.REJECT}:
                    return None
        for rank, (check, effects, reads) in enumerate(seen):
            if len(effects) > 1 and Effect.REJECT not in effects:
                completed = any(one == {Effect.COMPLETE} for _, one, _ in seen)
                if not completed or Effect.UNDECIDABLE in effects:
                    seen[rank] = (check, *self._distinguished(check, asked[rank][1], effects, reads))
        return seen

    def _asked(self, check: Check) -> Iterator[tuple[Check, _World]]:
        """A check, with the world of each element of its list when it is about one and the list is known."""
        loop = self.reader.loops.get(check.rule)
        found = self.world.known[loop.list.path] if loop is not None else None
        items = found.value if found is not None and found.settled else None
        if loop is None or not items:
            yield check, self.world
            return
        list_ = loop.list
        for item in items:
            own = [path for path in self.reader.of_elements if f"{path}.".startswith(f"{list_.root}.")]
            values = {path: _member(item, path.removeprefix(list_.root)) for path in own}
            yield check, self.world.case({p: UNKNOWN if v is None else Possible((v,)) for p, v in values.items()})

    def _brought(self, check: Check, world: _World) -> _Contribution:
        """What a check may bring; anything, when it is about each element of a list that is not known."""
        loop = self.reader.loops.get(check.rule)
        if loop is None or (world is self.world and world.known[loop.list.path].settled):
            return self._effects(check, world)
        if world is not self.world:
            return self._of_element(check, loop, world)
        rule = self.reader.context.rules[check.rule]
        outcomes = [outcome for step in check.steps for outcome in (step.true, step.false) if outcome is not None]
        effects = {self._effect(check, outcome) for outcome in (*outcomes, check.final)}
        effects |= {Effect.COMPLETE, Effect.SATISFIED, Effect.NOTHING}
        effects |= {Effect.APPRAISE} if rule.question is not None else set()
        for step in check.steps:
            effects |= self._missing(check, step.test, world)[0]
        return frozenset(effects), frozenset({loop.list.path})

    def _of_element(self, check: Check, loop: ListContext, world: _World) -> _Contribution:
        """What a check may bring on an element: nothing is asked about one that is set aside."""
        effects, reads = self._effects(check, world)
        if loop.aside is None or self.reader.context.rules[check.rule].may_reject:
            return effects, reads
        aside = self.reader.ask(loop.aside)(world)
        if not aside.can(True):
            return effects, reads
        unasked = effects - {Effect.COMPLETE, Effect.APPRAISE, Effect.UNDECIDABLE} or frozenset({Effect.NOTHING})
        if aside.settled:
            return unasked, reads if len(unasked) > 1 else _NOTHING
        return effects | unasked, reads | aside.reads

    def _verdicts(self, contributions: list[_Contribution], seen: list[_Seen]) -> tuple[Verdict, ...]:
        every = set[Effect]().union(*(effects for effects, _ in contributions))
        certain = {next(iter(effects)) for effects, _ in contributions if len(effects) == 1}
        stopped = any(effects <= _STOPPING for effects, _ in contributions)
        found = []
        if Effect.REJECT in every:
            found.append(Verdict.REJECT)
        # without any satisfied rule, what nothing stops is not accepted for all that
        if Effect.UNDECIDABLE in every or not (stopped or self._surely_satisfied(seen)):
            found.append(Verdict.UNDECIDABLE)
        if Effect.UNDECIDABLE in certain:
            return tuple(found)
        if Effect.COMPLETE in every:
            found.append(Verdict.COMPLETE)
        if not stopped and Effect.SATISFIED in every:
            found.append(Verdict.ACCEPT)
        return tuple(found)

    def _surely_satisfied(self, seen: list[_Seen]) -> bool:
        """Whether some rule is satisfied whatever the open fields: without any, nothing is accepted."""
        by_rule: dict[str, list[frozenset[Effect]]] = {}
        for check, effects, _ in seen:
            by_rule.setdefault(check.rule, []).append(effects)
        return any(
            all(effects <= {Effect.SATISFIED, Effect.NOTHING} for effects in found)
            and any(effects == {Effect.SATISFIED} for effects in found)
            for found in by_rule.values()
        )

    def _mattering(
        self, contributions: list[_Contribution], seen: list[_Seen], verdicts: tuple[Verdict, ...]
    ) -> Iterator[tuple[bool, frozenset[str]]]:
        """For each contribution that can change the result, whether it can reject, and the fields it depends on."""
        certain = {next(iter(effects)) for effects, _ in contributions if len(effects) == 1}
        satisfied = self._surely_satisfied(seen)
        for effects, reads in contributions:
            rejects = Effect.REJECT in effects
            if Effect.UNDECIDABLE in certain:
                matters = rejects
            elif Verdict.ACCEPT not in verdicts:
                matters = rejects or Effect.UNDECIDABLE in effects or Effect.COMPLETE not in certain
            else:
                matters = True
            if satisfied and effects <= {Effect.SATISFIED, Effect.NOTHING}:
                matters = False
            if matters and reads:
                yield rejects, reads

    def _provisional(self, contributions: list[_Contribution]) -> bool | None:
        if any(effects == {Effect.APPRAISE} for effects, _ in contributions):
            return True
        return None if any(Effect.APPRAISE in effects for effects, _ in contributions) else False

    def _ordered(self, matter: list[tuple[bool, frozenset[str]]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The open fields and those the person is unsure of: what may reject first, then what settles most."""
        scores: dict[str, list[float]] = {}
        for rejects, reads in matter:
            for path in reads:
                score = scores.setdefault(path, [0.0, 0.0])
                score[0] += rejects / len(reads)
                score[1] += 1 / len(reads)
        rank = self.reader.rank
        ordered = sorted(scores, key=lambda path: (-scores[path][0], -scores[path][1], rank[path]))
        unsure = [path for path in ordered if self._doubtful(path)]
        return tuple(path for path in ordered if path not in unsure), tuple(unsure)

    def _doubtful(self, path: str) -> bool:
        return path in self._unsure or any(above in self._unsure for above in _above(path))

    # --- one check --------------------------------------------------------------------------------------------------

    def _distinguished(
        self, check: Check, world: _World, effects: frozenset[Effect], reads: frozenset[str]
    ) -> _Contribution:
        """What a check may bring and the open fields that this depends on, case by case when there are few."""
        left = [_CASES]
        loop = self.reader.loops.get(check.rule)
        if loop is not None and (loop.aside is not None or loop.list.path in reads):
            return effects, reads
        cases = self._cases(check, world, effects, reads, left)
        return (effects, reads) if cases is None else cases

    def _cases(
        self, check: Check, world: _World, effects: frozenset[Effect], reads: frozenset[str], left: list[int]
    ) -> _Contribution | None:
        """The same, telling apart the cases of one field after the other; None when there are too many."""
        if len(effects) == 1:
            return effects, _NOTHING
        for path in sorted(reads, key=self.reader.rank.__getitem__):
            cases = self._split(path, check, world)
            if len(cases) < 2:
                continue
            left[0] -= len(cases)
            if left[0] < 0:
                return None
            found: list[tuple[frozenset[Effect], frozenset[str]]] = []
            for narrowed in cases:
                inside = world.case(narrowed)
                each = self._cases(check, inside, *self._effects(check, inside), left)
                if each is None:
                    return None
                found.append(each)
            every = frozenset[Effect]().union(*(one for one, _ in found))
            if len(every) == 1:
                return every, _NOTHING
            return every, frozenset({path}).union(*(fields_ for _, fields_ in found))
        return effects, reads

    def _split(self, path: str, check: Check, world: _World) -> list[dict[str, Possible]]:
        """The cases of a field that together are all its values; a single one when nothing tells them apart."""
        here = world.known[path]
        cases: list[dict[str, Possible]] = []
        if here.unknown:
            below = {one: UNKNOWN for one in self.reader.fields if one.startswith(f"{path}.")}
            cases.append({path: UNKNOWN, **below})
        there = {above: Possible((True,)) for above in _above(path) if above in self.reader.fields}
        if here.values is not None:
            cases += [{path: Possible((value,)), **there} for value in here.values]
            return cases
        for low, high in self._pieces(path, here, check, world):
            piece = Possible((low,)) if low is not None and low == high else replace(here, low=low, high=high)
            cases.append({path: replace(piece, unknown=False), **there})
        return cases

    def _pieces(self, path: str, here: Possible, check: Check, world: _World) -> list[tuple[Any, Any]]:
        """The interval of a field, cut at the values it is compared with."""
        type_ = self.reader.fields[path]
        if type_.kind not in (Kind.INTEGER, Kind.DATE, Kind.INSTANT):
            return [(here.low, here.high)]
        step: Any = {Kind.INTEGER: 1, Kind.DATE: _DAY, Kind.INSTANT: _TICK}[type_.kind]
        cuts = set()
        for low, high in self._compared(path, check, world):
            if here.low < low:
                cuts.add(low)
            if high < here.high:
                cuts.add(high + step)
        starts = sorted(cut for cut in cuts if here.low < cut <= here.high)
        ends = [cut - step for cut in starts]
        return list(zip([here.low, *starts], [*ends, here.high], strict=True))

    def _compared(self, path: str, check: Check, world: _World) -> Iterator[tuple[Any, Any]]:
        """The first and last values of the field that equal each settled value it is compared with."""
        for other, by_day in self.reader.compared(check, path):
            found = self.reader.ask(other)(world)
            value = found.value if found.settled else None
            if value is None:
                continue
            if not by_day:
                yield value, value
            elif isinstance(value, date):
                start = datetime.combine(value, time(), self.zone).astimezone(UTC)
                yield start, datetime.combine(value, time.max, self.zone).astimezone(UTC)

    def _effects(self, check: Check, world: _World) -> tuple[frozenset[Effect], frozenset[str]]:
        """What a check may bring in a world, its fields being taken as independent."""
        effects: set[Effect] = set()
        reads: frozenset[str] = _NOTHING
        goes_on = True
        for step in check.steps:
            found = self.reader.ask(step.test)(world)
            reads |= found.reads
            goes_on = False
            for value in (True, False, None):
                if not found.can(value):
                    continue
                outcome = step.answer(value)
                if outcome is None:
                    goes_on = True
                elif outcome.result is Result.MISSING:
                    brought, fields_ = self._missing(check, step.test, world)
                    effects |= brought
                    reads |= fields_
                else:
                    effects.add(self._effect(check, outcome))
            if not goes_on:
                break
        if goes_on:
            effects.add(self._effect(check, check.final))
        return frozenset(effects), reads if len(effects) > 1 else _NOTHING

    def _effect(self, check: Check, outcome: Outcome) -> Effect:
        if outcome.result is Result.FAILED:
            rule = self.reader.context.rules[check.rule]
            consequence = consequence_of(rule.cause(outcome.cause), rule, strict=self._strict())
            if consequence is Consequence.REJECT:
                return Effect.REJECT
            return Effect.COMPLETE if consequence is Consequence.COMPLETE else Effect.NOTHING
        if outcome.result is Result.TO_APPRAISE:
            return Effect.APPRAISE
        return Effect.SATISFIED if outcome.result is Result.SATISFIED else Effect.NOTHING

    def _missing(self, check: Check, test: Expr, world: _World) -> tuple[frozenset[Effect], frozenset[str]]:
        """What a missing datum brings: a completion, unless it is a parameter, only the answer of a human, or owed.

        In a strict request, what the applicant owes rejects: it depends on all that is missing.
        """
        rule = self.reader.context.rules[check.rule]
        read = self.reader.followed(test)
        parameters = any(op == PARAMETER and world.of(op, name).unknown for op, name in read)
        parameters = parameters or self.reader.reads_at_date(test)
        answers = any(op == ANSWER for op, _ in read) or self._asks(test)
        owed = self._strict() and rule.party == APPLICANT
        if not (parameters or answers or owed):
            return frozenset({Effect.COMPLETE}), _NOTHING
        behind = self.reader.fields_behind(test)
        if not owed and world is self.world and all(self.world.known[path].settled for path in behind):
            missing = self.reader.of_request.unknowns.of_check(check, self._concrete())
            return frozenset({_lacking([datum.origin for datum in missing])}), _NOTHING
        found = {Effect.COMPLETE, *[Effect.UNDECIDABLE] * parameters, *[Effect.APPRAISE] * answers}
        found |= {Effect.REJECT} if owed else set()
        return frozenset(found), frozenset(path for path in behind if not world.known[path].settled)

    # --- the amount ---------------------------------------------------------------------------------------------------

    def _amount(self) -> tuple[Possible | None, _Contribution | None]:
        """The proposed amount, and what it brings to the verdict when it may be unknown."""
        name = self.reader.request.amount
        definition = self.reader.graph.definitions.get(name)
        if not name or definition is None:
            return None, None
        found = self.world.of(AMOUNT_NAME, name)
        if not found.unknown:
            return found, None
        read = self.reader.graph.of(name)
        parameters = any(op == PARAMETER and self.world.of(op, one).unknown for op, one in read)
        parameters = parameters or any(map(self.reader.reads_at_date, definition.exprs))
        answers = any(op == ANSWER for op, _ in read) or self._asks(*definition.exprs)
        behind = frozenset(path for path in self.reader.behind[name] if not self.world.known[path].settled)
        if found.settled and (parameters or answers) and not behind:
            missing = self.reader.of_request.unknowns.of_definition(definition, self._concrete())
            return found, (self._owed({_lacking([datum.origin for datum in missing])}), _NOTHING)
        lacking = {Effect.COMPLETE, *[Effect.UNDECIDABLE] * parameters, *[Effect.APPRAISE] * answers}
        known = set() if found.settled else {Effect.NOTHING}
        several = len(lacking) > 1 or self._strict()
        return found, (self._owed(lacking | known), behind if several else found.reads)

    def _asks(self, *exprs: Expr) -> bool:
        """Whether expressions read answers about the elements of lists."""
        return any(map(reads_answers, self.reader.graph.reached(*exprs)))

    def _strict(self) -> bool:
        """Whether a request that lacks what the applicant owes is rejected."""
        return self.reader.request.strict

    def _owed(self, effects: Iterable[Effect]) -> frozenset[Effect]:
        """Effects, with the rejection that a missing datum may be in a strict request: it depends on who owes it."""
        found = frozenset(effects)
        return found | {Effect.REJECT} if self._strict() and Effect.COMPLETE in found else found

    def _settled(self) -> Possible | None:
        """Whether nothing is left to pay."""
        expr = self.reader.context.settled
        return None if expr is None else self.reader.ask(expr)(self.world)

    def _concrete(self) -> Slots:
        """The slots of the dossier that holds the answers alone."""
        if self._slots is None:
            slots = self._filled()
            with suppress(Contradiction):
                ReferenceEngine(self.reader.context).evaluate(slots)
            self._slots = slots
        return self._slots

    def _filled(self) -> Slots:
        """The same before anything is computed."""
        return self.reader.of_request.slots(self._facts(), self.today, {})

    def _facts(self) -> Slots:
        dossier = Dossier(composed(self.answers, self.reader.request.root), "")
        return self.reader.decider.facts(dossier, [self.reader.of_request])


def _member(item: Any, path: str) -> Any:
    """The value at a path of an element, `.justificatif.emetteur`; None when it is not there."""
    for part in path.split(".")[1:]:
        item = item.get(part) if item is not None else None
    return item


_STOPPING: Final = frozenset({Effect.REJECT, Effect.UNDECIDABLE, Effect.COMPLETE})
_Contribution = tuple[frozenset[Effect], frozenset[str]]
_Seen = tuple[Check, frozenset[Effect], frozenset[str]]


def composed(answers: Answers, *roots: str) -> dict[str, Any]:
    """The data of a dossier that holds the answers known to the person, and these objects, empty if need be."""
    data: dict[str, Any] = {root: {} for root in roots if answers.get(root, UNSURE) is not None}
    for path, value in sorted(answers.items()):
        if value is UNSURE or value is None or any(answers.get(above, UNSURE) is None for above in _above(path)):
            continue
        *parents, last = path.split(".")
        node = data
        for part in parents:
            node = node.setdefault(part, {})
        if isinstance(value, dict):
            node.setdefault(last, {}).update(value)
        else:
            node[last] = value
    return data


def _comparisons(exprs: Iterable[Expr], path: str) -> Iterator[tuple[Expr, bool]]:
    """What a field, or its day, is compared with in expressions; loop elements are left out."""
    for node in (node for expr in exprs for node in nodes(expr)):
        if len(node.args) != 2 or node.type.kind is not Kind.BOOLEAN or node.args[0].type.kind not in ORDERED:
            continue
        for mine, other in (node.args, node.args[::-1]):
            by_day = mine.op == "date_de" and bool(mine.args)
            field = mine.args[0] if by_day else mine
            if field.op == FIELD and field.value == path and all(part.op != VARIABLE for part in nodes(other)):
                yield other, by_day


def _above(path: str) -> Iterator[str]:
    """The objects that hold a field, the nearest first."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _lacking(origins: list[DatumOrigin]) -> Effect:
    """What missing data of these origins bring."""
    if DatumOrigin.PARAMETER in origins:
        return Effect.UNDECIDABLE
    return Effect.APPRAISE if origins and all(one is DatumOrigin.ANSWER for one in origins) else Effect.COMPLETE
