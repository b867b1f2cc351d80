"""REG-ISSUES: an outcome of a rule without an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import key_place
from recevable.pack.kinds.amount import Amount
from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.kinds.deduction import Deduction
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import MISSING, NOT_APPLICABLE, SATISFIED, TO_APPRAISE, Outcome, Rule, failed
from recevable.pack.nodes import Mapping, Scalar, Sequence

CODE: Final = "REG-ISSUES"
SEVERITY: Final = Severity.WARNING
_VALUE: Final = "une valeur"


def check(view: View) -> Iterator[Fault]:
    """What has no example at all is told once, by another check; what cannot happen needs none."""
    for rule in view.pack.rules.values():
        if not rule.examples or rule.id in view.reading.inert:
            continue
        expected = _expected(rule)
        for outcome in _possible(view, rule):
            # `non_satisfait` alone means: by whatever cause
            if outcome not in expected and outcome.split(":")[0] not in expected:
                message = f"aucun exemple de `{rule.id}` n'attend `{outcome}`"
                key = "valeur" if isinstance(rule.body, Amount | Deduction) and outcome != NOT_APPLICABLE.result else ""
                written = (
                    f"{key}: {outcome}"
                    if key
                    else f'resultat: "{outcome}"'
                    if ":" in outcome
                    else f"resultat: {outcome}"
                )
                if outcome == _VALUE:
                    message, written = f"aucun exemple de `{rule.id}` n'attend de valeur", 'valeur: "…"'
                help = f"Ajoutez `- {{avec: {{…}}, {written}}}`."
                yield Fault(key_place(rule, "exemples"), message, help, f"{rule.id}:{outcome}")


def _possible(view: View, rule: Rule) -> Iterator[str]:
    """The outcomes of a rule that deserve an example, as examples write them."""
    logic = view.reading.logic
    if rule.when is not None:
        yield str(NOT_APPLICABLE)
    if isinstance(rule.body, Amount):
        yield _VALUE
    elif isinstance(rule.body, Deduction):
        value = view.reading.part(rule, "vaut").expr
        yield from (word for word, truth in (("true", True), ("false", False)) if not logic.impossible((value, truth)))
    elif isinstance(rule.body, Appraisal):
        yield str(TO_APPRAISE)
        yield from dict.fromkeys(str(outcome) for outcome in rule.body.answers.values())
    elif isinstance(rule.body, Undue):
        if rule.when is None:
            yield str(NOT_APPLICABLE)
        yield from (str(Outcome(cause.result, cause.name)) for cause in rule.causes)
    else:
        yield str(SATISFIED)
        for failure in view.reading.failures(rule):
            if not logic.impossible((failure.test, failure.fails_when), *((given, True) for given in failure.given)):
                yield str(failed(failure.cause))


def _expected(rule: Rule) -> set[str]:
    """What the examples of a rule expect, word for word."""
    found: set[str] = set()
    for example in rule.examples:
        if not isinstance(example, Mapping):
            continue
        value, result = example.entries.get("valeur"), example.entries.get("resultat")
        if isinstance(value, Scalar):
            found.add(value.text)
            if value.text != str(MISSING):
                found.add(_VALUE)
        items = result.items if isinstance(result, Sequence) else (result,)
        found.update(item.text for item in items if isinstance(item, Scalar))
    return found
