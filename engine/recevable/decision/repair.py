"""The smallest repair: each obstacle to acceptance once, grouped by the action that removes it.

Any single finding that asks for completion prevents acceptance, so each must be repaired.  An action is listed once,
however many findings it repairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from recevable.decision.model import Action, Datum, DatumOrigin, Finding, Repair
from recevable.decision.unknowns import named
from recevable.pack.model import APPLICANT, Consequence, Result

# By party, text and words: the rules that ask for an action, each with what it is about in a list.
_Actions = dict[tuple[str, str, str], list[tuple[str, str]]]
# What nobody can be asked for.
_NOT_ASKED: Final = (DatumOrigin.PARAMETER, DatumOrigin.ANSWER, DatumOrigin.VALUE, DatumOrigin.REQUEST)
# The obstacle of a request without any satisfied rule.
NOTHING: Final = "aucune_regle_satisfaite"


def repair(findings: Iterable[Finding], undecidable: Iterable[Datum], *, satisfied: bool) -> Repair:
    """The actions to take; impossible on a rejection, an unknown parameter, or when nothing was established."""
    obstacles: dict[str, None] = {}
    actions: _Actions = {}
    renewal: _Actions = {}
    findings = tuple(findings)
    holders = _holders(findings)
    for finding in findings:
        if finding.result is Result.MISSING:
            for datum in finding.missing:
                if datum.origin in _NOT_ASKED:
                    continue  # nobody can be asked for it
                what = "Vérifier" if datum.fault else "Renseigner"
                text, words = f"{what} : {named(datum)}", f"{what} : {datum.title}"
                wanted = renewal if finding.consequence is Consequence.REJECT else actions
                wanted.setdefault((holders[datum.name], text, words), []).append((finding.rule, ""))
            if finding.consequence is Consequence.REJECT:
                obstacles[finding.rule] = None
        elif finding.consequence is Consequence.REJECT:
            obstacles[finding.rule] = None
            if finding.repair:
                renewal.setdefault((finding.party, finding.repair, finding.repair), []).append(
                    (finding.rule, _element(finding))
                )
        elif finding.consequence is Consequence.COMPLETE:
            text = finding.repair or f"Corriger : {finding.title}"
            actions.setdefault((finding.party, text, text), []).append((finding.rule, _element(finding)))
    for datum in undecidable:
        obstacles[datum.name] = None
    if not satisfied and not actions and not obstacles:
        obstacles[NOTHING] = None
    return Repair(not obstacles, _listed(actions), tuple(obstacles), _listed(renewal))


def _holders(findings: Iterable[Finding]) -> dict[str, str]:
    """The party to ask for each missing datum: the first one that a rule names, else the applicant."""
    found: dict[str, str] = {}
    for finding in findings:
        for datum in finding.missing if finding.result is Result.MISSING else ():
            if found.setdefault(datum.name, finding.party) == APPLICANT:
                found[datum.name] = finding.party
    return found


def _element(finding: Finding) -> str:
    return finding.element.label if finding.element is not None else ""


def _listed(actions: _Actions) -> tuple[Action, ...]:
    """Each action once, with the elements of lists that it is about."""
    found = []
    for (party, text, words), asked in actions.items():
        if len(asked) == 1 and not asked[0][1]:
            found.append(Action(text, party, (asked[0][0],), words))
            continue
        elements = ", ".join(dict.fromkeys(element for _, element in asked if element))
        about = f" ({elements})" if elements else ""
        rules = tuple(dict.fromkeys(rule for rule, _ in asked))
        found.append(Action(f"{text}{about}", party, rules, f"{words}{about}"))
    return tuple(found)
