"""The examples written inside rules, each run on its rule alone.

An example gives a few facts (`avec`), perhaps a day (`au`) and a request (`demande`), and what the rule must answer:
`resultat`, or `valeur` for a number or a deduction.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.appraisals import APPRAISALS, recorded
from recevable.decision.decide import Decider
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Definitions
from recevable.inference.reference import Reference
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Diagnostic, Span
from recevable.language.evaluate import EXACT, Slots, build
from recevable.language.tree import AMOUNT_NAME, DEDUCTION
from recevable.language.types import lookup
from recevable.pack.facts import read_fact
from recevable.pack.hints import boolean, did_you_mean, number
from recevable.pack.model import Context, Result, Rule
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import to_data
from recevable.pack.reader import Reader

# An example without a day is decided when the last version of the text is in force.
DEFAULT_DAY: Final = date(2100, 1, 1)


class ExampleResult(Struct, frozen=True):
    """An example that was run: what was expected, what came."""

    rule: str
    rank: int
    span: Span
    expected: str
    got: str

    @property
    def passed(self) -> bool:
        """Whether they are the same; numbers compare by value, not by the decimals written."""
        if self.expected == self.got:
            return True
        try:
            return decimal.Decimal(self.expected) == decimal.Decimal(self.got)
        except decimal.InvalidOperation:
            return False


def run_examples(decider: Decider, diagnostics: list[Diagnostic]) -> Iterator[ExampleResult]:
    """Run every example of a pack; those that cannot be read go to `diagnostics`."""
    for rule in decider.pack.rules.values():
        for rank, node in enumerate(rule.examples, start=1):
            if not isinstance(node, YamlMapping):
                help = "Écrivez `- {avec: {…}, resultat: …}`."
                diagnostics.append(Diagnostic("EXE-FORME", "un exemple contient des clés", node.span, help))
                continue
            result = _Example(decider, rule, rank, Reader(node, diagnostics, f"un exemple de `{rule.id}`")).run()
            if result is not None:
                yield result


class _Example:
    def __init__(self, decider: Decider, rule: Rule, rank: int, reader: Reader) -> None:
        self.decider, self.rule, self.rank, self.reader = decider, rule, rank, reader
        self.data: dict[str, Any] = {}
        self.given: dict[str, Any] = {}

    def run(self) -> ExampleResult | None:
        reader = self.reader
        before = len(reader.diagnostics)
        contexts = self.rule.requests or self._contexts()
        request = reader.choice("demande", contexts, required=False) or contexts[0]
        day = self._day()
        self._facts(reader)
        expected = self._expected()
        reader.finish()
        if len(reader.diagnostics) > before or expected is None:
            return None
        got = self._evaluate(request, day)
        return ExampleResult(self.rule.id, self.rank, reader.node.span, expected, got)

    def _contexts(self) -> tuple[str, ...]:
        """Where a rule without requests of its own is used."""
        compiled = self.decider.compiled
        name = self.rule.body.name.text
        used = tuple(c for c in compiled.context_names if any(d.name == name for d in compiled.context(c).definitions))
        return used or compiled.context_names

    def _day(self) -> date:
        return self.reader.day("au", required=False) or DEFAULT_DAY

    def _facts(self, reader: Reader) -> None:
        facts = reader.mapping("avec")
        for path, key in facts.node.keys.items() if facts else ():
            assert facts is not None
            node, zone = facts.node.entries[path], self.decider.pack.manifest.zone
            type_ = lookup(self.decider.pack.facts, path)
            if path in self.decider.compiled.names:
                self.given[path] = read_fact(node, self.decider.compiled.names[path][1], path, reader, zone)
            elif path.split(".")[0] == APPRAISALS:
                _put(self.data, path.split("."), to_data(node))
            elif type_ is None:
                known = [p for p, _ in self.decider.paths()]
                help = did_you_mean(path, known) or "Donnez le chemin d'un champ du dossier."
                reader.fault("EXE-CHAMP", f"champ inconnu : `{path}`", key.span, help)
            else:
                _put(self.data, path.split("."), read_fact(node, type_, path, reader, zone))

    def _expected(self) -> str | None:
        reader = self.reader
        if reader.has("valeur"):
            return self._value(reader)
        nodes = reader.words("resultat")
        known = [str(r) for r in Result] + [f"{Result.FAILED}:{c.name}" for c in self.rule.causes]
        known += [f"{Result.TO_APPRAISE}:{c.name}" for c in self.rule.causes]
        known += [f"{Result.SATISFIED}:{c.name}" for c in self.rule.causes if c.result is Result.SATISFIED]
        for node in nodes:
            if node.text not in known:
                help = did_you_mean(node.text, known) or f"Résultats : {', '.join(f'`{r}`' for r in known)}."
                reader.fault("EXE-RESULTAT", f"résultat inconnu : `{node.text}`", node.span, help)
                return None
        return " ".join(sorted(node.text for node in nodes)) or None

    def _value(self, reader: Reader) -> str | None:
        """The value expected of a number or of a deduction; `manquant` for none."""
        node = reader.scalar("valeur")
        if node is None or node.text == Result.MISSING:
            return None if node is None else node.text
        if self.rule.kind not in ("montant", "deduction"):
            help = "Écrivez `resultat: …`."
            reader.fault(
                "EXE-VALEUR", f"`{self.rule.id}` ne donne pas de valeur", reader.node.keys["valeur"].span, help
            )
            return None
        if self.rule.kind == "deduction":
            known, meant = node.text in ("true", "false"), boolean(node.text) or "true` ou `false"
        else:
            known, meant = _is_number(node.text), f'"{number(node.text) or "6666.67"}"'
        if not known:
            message = f"`{node.text}` n'est pas une valeur de `{self.rule.body.name.text}`"
            reader.fault("EXE-VALEUR", message, node.span, f"Écrivez `{meant}`.")
            return None
        return node.text

    def _evaluate(self, request: str, day: date) -> str:
        runner = self.decider.runner(request)
        context = _only(runner.context, self.rule)
        dossier = Dossier("exemple", self.data, "")
        answers = recorded(self.data, self.decider.compiled.answers, day)
        with decimal.localcontext(EXACT):
            slots = runner.slots(self.decider.facts(dossier), day, answers)
            for name, value in self.given.items():
                op = self.decider.compiled.names[name][0]
                slots[context.layout.slot(op, name)] = decimal.Decimal(value) if op == AMOUNT_NAME else value
            definitions = Definitions(context)
            definitions.compute_deductions(slots, self.given)
            definitions.compute_amounts(slots, self.given)
            if self.rule.kind in ("montant", "deduction"):
                return self._named(context, slots)
            outcomes = Reference(context.checks, context.layout).run(slots)
        return self._summary([str(o) for o in outcomes if o.result is not Result.NOT_APPLICABLE])

    def _named(self, context: Context, slots: Slots) -> str:
        """What the rule itself gives to its name: a value, `manquant`, or `sans_objet` when it does not apply."""
        definition = next((d for d in context.definitions if d.name == self.rule.body.name.text), None)
        if definition is None:
            return "inutilisé"
        if definition.deduction is not None:
            return _value(slots[context.layout.slot(DEDUCTION, definition.name)])
        amount = next(a for a in definition.amounts if a.rule.id == self.rule.id)
        applies = True if amount.when is None else build(amount.when, context.layout)(slots)
        if applies is False:
            return str(Result.NOT_APPLICABLE)
        return _value(slots[context.layout.slot(AMOUNT_NAME, definition.name)] if applies else None)

    def _summary(self, outcomes: list[str]) -> str:
        """The outcomes as an example states them: all failures, or else the heaviest result."""
        found = sorted({o for o in outcomes if o.split(":")[0] == Result.FAILED})
        if found:
            wanted = self.reader.words("resultat")
            # `non_satisfait` alone means: by whatever cause
            return str(Result.FAILED) if [w.text for w in wanted] == [Result.FAILED] else " ".join(found)
        for result in (Result.TO_APPRAISE, Result.MISSING, Result.SATISFIED):
            named = next((o for o in outcomes if o.split(":")[0] == result), None)
            if named is not None:
                wanted = self.reader.words("resultat")
                return str(result) if [w.text for w in wanted] == [result] else named
        return str(Result.NOT_APPLICABLE)


def _only(context: Context, rule: Rule) -> Context:
    """The same context with the checks of one rule.  Slots are shared: the layout only grows."""
    return replace(context, checks=tuple(c for c in context.checks if c.rule == rule.id))


def _is_number(text: str) -> bool:
    try:
        parse_decimal(text)
    except ValueError:
        return False
    return True


def _put(data: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        data = data.setdefault(part, {})
    data[parts[-1]] = value


def _value(value: Any) -> str:
    if value is None:
        return str(Result.MISSING)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, decimal.Decimal) else str(value)
