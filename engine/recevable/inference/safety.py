"""Reject, when the pack is loaded, rules that no ruleset could hold, at their place in the file.

The other bounds of the safe subset hold by construction: checks are split into groups and deductions into stages
(`network.py`), and `ruleset.py` checks each again.  This module does not call the library.
"""

from __future__ import annotations

from recevable.inference.network import UnsafeRule, chain, plan
from recevable.language.diagnostics import Diagnostic, DiagnosticError, position
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Rule


def verify(compiled: CompiledPack) -> None:
    """Raises DiagnosticError with every rule, in any context, that the network cannot hold."""
    found: dict[Diagnostic, None] = {}
    for name in compiled.context_names:
        context = compiled.context(name)
        for check in context.checks:
            try:
                plan(check)
            except UnsafeRule as error:
                found[_refusal(f"la règle `{check.rule}`", context.rules[check.rule], error)] = None
        for definition in context.definitions:
            if definition.deduction is not None:
                try:
                    chain(definition.name, definition.deduction)
                except UnsafeRule as error:
                    rule = definition.rules[0]
                    found[_refusal(f"la déduction `{definition.name}`", rule, error)] = None
    if found:
        raise DiagnosticError(sorted(found, key=position))


def _refusal(what: str, rule: Rule, error: UnsafeRule) -> Diagnostic:
    message = f"{what} ne peut pas être confiée au moteur : {error.reason}"
    return Diagnostic("PAQ-RAMIFIE", message, rule.span, error.help)
