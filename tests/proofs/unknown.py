"""Random dossiers around known ones, and what the translation says of a real dossier."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from recevable.decision.appraisals import recorded
from recevable.decision.model import AppraisalState, Decision
from recevable.dossier.dossier import Dossier
from recevable.dossier.fields import Field, fields
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import RECOVERY, Pack, Result
from recevable.proofs.prover import Prover
from recevable.proofs.terms import Untranslated, Value, integer
from recevable.proofs.texts import SAMPLES


class Draw:
    """Changes dossiers at random: data removed, and others put at the limits that the parameters set."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack, self.random = pack, random.Random(seed)
        self.top = [field for field in fields(pack.schema) if field.path not in ("programme", "appreciations")]
        self.days = [date(2021, 3, 1), date(2023, 1, 15), date(2024, 2, 29)]
        for parameter in pack.parameters.values():
            for one in parameter.values:
                if isinstance(one.value, date):
                    self.days.append(one.value.date() if isinstance(one.value, datetime) else one.value)
        self.moments = [
            one.value
            for parameter in pack.parameters.values()
            for one in parameter.values
            if isinstance(one.value, datetime)
        ] or [datetime(2023, 1, 1, 12, tzinfo=UTC)]

    def changed(self, data: Mapping[str, Any], changes: int) -> dict[str, Any]:
        """A copy with some data changed."""
        found: dict[str, Any] = copy.deepcopy(dict(data))
        for _ in range(changes):
            self._change(found, self.top)
        self._answer(found)
        return found

    def day(self) -> date:
        """The day of a decision."""
        return max(self.near(self.random.choice(self.days)), self.pack.manifest.versions[0].start)

    def near(self, day: date) -> date:
        """A day about another."""
        return day + timedelta(days=self.random.choice([-1, 0, 0, 0, 1, 40, 400]))

    def _change(self, holder: dict[str, Any], members: list[Field]) -> None:
        field = self.random.choice(members)
        name = field.path.rpartition(".")[2]
        if field.fields:
            if name not in holder or self.random.random() < 0.7:
                inside = holder.setdefault(name, {})
                self._change(inside, list(field.fields))
            else:
                del holder[name]
        elif name in holder and self.random.random() < 0.4:
            del holder[name]
        else:
            holder[name] = self._value(field)

    def _answer(self, data: dict[str, Any]) -> None:
        asked = [rule for rule in self.pack.rules.values() if rule.question is not None]
        for rule in self.random.sample(asked, min(len(asked), self.random.choice([0, 0, 1, 3]))):
            data.setdefault("appreciations", {})[rule.id] = {
                "reponse": self.random.choice([*rule.answers]),
                "auteur": "Agent",
                "motif": "Examiné",
                "le": "2021-01-01",
                "expire_le": "2030-01-01",
            }

    def _value(self, field: Field) -> Any:
        draw = self.random
        if field.kind == "liste":
            assert field.element is not None
            return [self._element(field.element) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
        if field.kind == "booleen":
            return draw.random() < 0.5
        if field.kind == "entier":
            low, high = field.bounds.get("minimum", 0), field.bounds.get("maximum", 10**6)
            return max(low, min(high, draw.choice([0, 1, 2, 5, 30, 200, 1900, 2021, 2022, 15000, 10**7, -3])))
        if field.kind == "date":
            return self.near(draw.choice(self.days)).isoformat()
        if field.kind == "instant":
            moment = draw.choice(self.moments) + timedelta(seconds=draw.choice([-1, 0, 0, 1, 86_400, -86_400 * 30]))
            if draw.random() < 0.2:
                moment = datetime.combine(self.near(draw.choice(self.days)), time(22), UTC)
            return moment.isoformat().replace("+00:00", "Z")
        if field.kind == "montant":
            return draw.choice(["0.00", "0.01", "8.00", "6666.67", "8000.00", "7233.34", "199999.99", "300000.00"])
        if field.kind == "taux":
            return draw.choice(["0", "0.20", "0.085", "0.0550", "1"])
        if field.choices:
            return draw.choice(field.choices)
        return draw.choice([*SAMPLES.get(field.format, ()), "Texte A", "texte  a", "ASP-TEST-1"])

    def _element(self, field: Field) -> Any:
        if not field.fields:
            return self._value(field)
        found = {}
        for below in field.fields:
            if below.required or self.random.random() < 0.8:
                found[below.path.rpartition(".")[2]] = self._value(below)
        return found


def dossiers(prover: Prover, count: int, seed: int) -> Iterator[tuple[Dossier, date]]:
    """Random dossiers that the schema allows, inside the bounds of the prover."""
    draw = Draw(prover.pack, seed)
    found = 0
    while found < count:
        base = draw.random.choice(prover.bases)
        data = draw.changed(base.dossier.data, draw.random.choice([0, 1, 2, 4, 8]))
        day = draw.day() if draw.random.random() < 0.5 else base.day
        try:
            yield prover.programme.read(json.dumps(data).encode()), day
        except DiagnosticError:
            continue
        found += 1


class Said:
    """What the translation says of a real dossier: every variable has its value."""

    def __init__(self, prover: Prover, dossier: Dossier, day: date) -> None:
        answers = {
            rule: record.record["reponse"]
            for rule, record in recorded(dossier.data, prover.compiled.answers, day).items()
            if record.state is AppraisalState.RECORDED
        }
        conditions = [prover.today == integer(day.toordinal())]
        conditions += [condition for _, condition in prover.side.dossier.reading(dossier.data, answers)]
        conditions.append(prover.texts.facts(_texts(dossier.data), prover.texts.functions))
        self.solver = z3.Solver()
        self.solver.add(*conditions, prover.texts.stated(prover.texts.functions), *prover.texts.laws)
        self.solver.add(*prover.side.dossier.constraints, *prover.calendar.within, *prover.tools.laws)
        assert self.solver.check() == z3.sat, "the translation says that there is no such dossier"
        self.model = self.solver.model()

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds."""
        return bool(z3.is_true(self.model.eval(condition, model_completion=True)))

    def number(self, value: Value) -> Fraction | None:
        """A number, None when it is unknown."""
        if not self.holds(value.known):
            return None
        found = self.model.eval(value.term, model_completion=True)
        return Fraction(str(found.as_fraction())) if z3.is_rational_value(found) else Fraction(found.as_long())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)


def differences(prover: Prover, dossier: Dossier, day: date) -> list[str]:
    """What the translation says otherwise than the engines: results, verdicts, amounts, cases."""
    decision = prover.programme.decide(dossier, day)
    said = Said(prover, dossier, day)
    approximate = any(said.holds(when) for when in prover.tools.free.values())
    found = []
    for request in decision.requests:
        try:
            terms = prover.side.request(request.name)
        except Untranslated:
            continue
        if not said.holds(terms.decided):
            found.append(f"{request.name}: no decision")
        got = [verdict for verdict, when in terms.verdicts() if said.holds(when)]
        if got != [str(request.verdict)] and not approximate:
            found.append(f"{request.name}: {got} instead of {request.verdict}")
        if said.holds(terms.provisional) != request.provisional and not approximate:
            found.append(f"{request.name}: provisional {not request.provisional}")
        expected = Fraction(request.payable.value) if request.payable is not None else Fraction(0)
        if said.number(terms.payable) != expected and not approximate:
            found.append(f"{request.name}: pays {said.number(terms.payable)} instead of {expected}")
        for line in request.amounts:
            value = terms.evaluator.named(line.name)
            assert isinstance(value, Value)
            if isinstance(line.value, int | Decimal | None):
                wanted = None if line.value is None else Fraction(line.value)
                if said.number(value) != wanted:
                    found.append(f"{request.name}: {line.name} is {said.number(value)} instead of {wanted}")
        found += _results(request.findings, terms, said)
    found += _cases(prover, decision, said)
    return found


def _results(findings: Any, terms: Any, said: Said) -> Iterator[str]:
    gravest = [Result.FAILED, Result.TO_APPRAISE, Result.MISSING, Result.SATISFIED, Result.NOT_APPLICABLE]
    by_rule: dict[str, Result] = {}
    for finding in findings:
        known = by_rule.get(finding.rule, finding.result)
        by_rule[finding.rule] = min(known, finding.result, key=gravest.index)
    for rule, result in by_rule.items():
        if rule in terms.rules:
            got = [one for one, when in terms.rules[rule].results.items() if said.holds(when)]
            # an unknown amount is told by the rule that gives it
            if got != [result] and not terms.rules[rule].rule.defines:
                yield f"{rule}: {got} instead of {result}"


def _cases(prover: Prover, decision: Decision, said: Said) -> Iterator[str]:
    if RECOVERY not in prover.compiled.context_names:
        return
    terms = prover.side.recovery
    yield from _results(decision.recovery_findings, terms, said)
    cases = {case.rule: case for case in decision.recovery}
    for rule, found in terms.rules.items():
        if found.rule.claim is None:
            continue
        there = not said.holds(found.results[Result.NOT_APPLICABLE])
        if there != (rule in cases):
            yield f"{rule}: case {there}"
        elif there:
            case = cases[rule]
            steps = [name.partition(":")[2] for name, when in found.reached.items() if said.holds(when)]
            if case.step and case.step not in steps:
                yield f"{rule}: {steps} instead of {case.step}"
            value = None if case.amount.value is None else Fraction(case.amount.value)
            if said.number(terms.claimed(rule)) != value:
                yield f"{rule}: claims {said.number(terms.claimed(rule))} instead of {value}"
