"""REG-ISSUES: an outcome of a rule without an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import key_place
from recevable.lint.model import Fault, View
from recevable.pack.model import MISSING, NOT_APPLICABLE, Rule
from recevable.pack.nodes import Mapping, Scalar, Sequence

CODE: Final = "REG-ISSUES"
SEVERITY: Final = Severity.WARNING
_VALUE: Final = "une valeur"


def check(view: View) -> Iterator[Fault]:
    """Report possible outcomes without an example; a rule without any example is reported by another check."""
    for rule in view.pack.rules.values():
        if not rule.examples or rule.id in view.analysis.inert or rule.id in view.unread:
            continue
        expected = _expected(rule)
        for outcome in _possible(view, rule):
            # `non_satisfait` alone means any cause
            if outcome not in expected and outcome.split(":")[0] not in expected:
                message = f"aucun exemple de `{rule.id}` n'attend `{outcome}`"
                key = "valeur" if rule.defined is not None and outcome != NOT_APPLICABLE.result else ""
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
    """The outcomes of a rule that need an example, as examples write them."""
    logic = view.analysis.logic
    if rule.conditional:
        yield str(NOT_APPLICABLE)
    if rule.defined is not None and not rule.defined.truth:
        yield _VALUE
    elif rule.defined is not None:
        value = view.analysis.part(rule, rule.defined.key).expr
        yield from (word for word, truth in (("true", True), ("false", False)) if not logic.impossible((value, truth)))
    checks = view.analysis.checks(rule)
    found = [check.final for check in checks]
    for end in view.analysis.endings(rule):
        if not logic.impossible((end.test, end.truth), *((given, True) for given in end.given)):
            found.append(end.outcome)
    # where one of several checks does not apply, another determines the answer
    hidden = {MISSING, NOT_APPLICABLE} if len(checks) > 1 or rule.conditional else {MISSING}
    yield from dict.fromkeys(str(outcome) for outcome in found if outcome not in hidden)


def _expected(rule: Rule) -> set[str]:
    """The outcomes that the examples of a rule expect, verbatim."""
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
