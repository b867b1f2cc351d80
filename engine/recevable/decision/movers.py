"""Why two decisions on one request differ: the rules that give the new verdict or held back the old one."""

from __future__ import annotations

from typing import Final

from recevable.decision.model import DatumOrigin, Finding, RequestDecision, Verdict
from recevable.pack.model import Consequence, Result

_WEIGHT: Final = {str(verdict): rank for rank, verdict in enumerate(Verdict)}


def movers(before: RequestDecision, after: RequestDecision) -> tuple[tuple[str, str], ...]:
    """The rules, each with its title, that explain what moved from one decision on a request to another.

    First those of the verdict, then the questions that opened or closed, then the rules of amounts that changed.  Empty
    when verdict, reserve and amounts are the same.
    """
    found: dict[str, str] = {}
    if before.verdict != after.verdict:
        found |= {f.rule: f.title for f in verdict_movers(before, after)}
    if before.provisional != after.provisional:
        asking = after if after.provisional else before
        found |= {f.rule: f.title for f in asking.findings if f.result is Result.TO_APPRAISE}
    was = {line.name: line.value for line in before.amounts}
    now = {line.name: line.value for line in after.amounts}
    for line in (*after.amounts, *before.amounts):
        if was.get(line.name) != now.get(line.name):
            found.setdefault(line.rule, line.title)
    return tuple(found.items())


def verdict_movers(before: RequestDecision, after: RequestDecision) -> list[Finding]:
    """The fewest findings that explain a change of verdict.

    For a more severe one: the findings that give it, all of them new.  For a less severe one: the findings that
    prevented it, all of them gone.
    """
    heavier = _WEIGHT[after.verdict] < _WEIGHT[before.verdict]
    if heavier:
        found = [f for f in after.findings if _level(f) == after.verdict]
    else:
        found = [f for f in before.findings if _WEIGHT[_level(f)] < _WEIGHT[after.verdict]]
    if not found:
        # nothing is satisfied on one side: the findings satisfied on the other made the verdict
        of_other = {f.rule for f in (after if heavier else before).findings if f.result is Result.SATISFIED}
        these = (before if heavier else after).findings
        found = [f for f in these if f.result is Result.SATISFIED and f.rule not in of_other]
    return list({f.rule: f for f in found}.values())


def _level(finding: Finding) -> str:
    """The verdict that a finding would give alone; see decision/verdict.py."""
    if finding.result in (Result.FAILED, Result.MISSING) and finding.consequence is Consequence.REJECT:
        return Verdict.REJECT
    if any(datum.origin is DatumOrigin.PARAMETER for datum in finding.missing):
        return Verdict.UNDECIDABLE
    if finding.consequence is Consequence.COMPLETE:
        return Verdict.COMPLETE
    return Verdict.ACCEPT
