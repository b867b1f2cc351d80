"""Findings grouped for display: one cause gives one point, however many rules it affects.

A datum that several rules lack gives one point naming them all, and so does a message shared by several rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from recevable.decision.model import Datum, DatumOrigin, Finding
from recevable.decision.unknowns import merged, missing_message
from recevable.pack.model import Consequence, Result


class Point(Struct, frozen=True):
    """One message to display, the findings that it covers, and the missing data if any."""

    message: str
    findings: tuple[Finding, ...]
    missing: tuple[Datum, ...] = ()

    @property
    def consequence(self) -> Consequence | None:
        """The consequence of the findings."""
        return self.findings[0].consequence

    @property
    def derived(self) -> bool:
        """Whether only values that no rule gives are missing: nobody can be asked for them."""
        return bool(self.missing) and all(datum.origin is DatumOrigin.VALUE for datum in self.missing)

    @property
    def references(self) -> dict[str, list[str]]:
        """The ids of the rules, by source in the text."""
        found: dict[str, list[str]] = {}
        for finding in self.findings:
            found.setdefault(finding.source, []).append(finding.rule)
        return found


def points(findings: Iterable[Finding]) -> list[Point]:
    """Group findings into points, in order of first appearance.

    A point about values that no rule gives is left out when there is any other point.
    """
    findings = tuple(findings)
    misses: dict[str, list[Finding]] = {}
    for finding in findings:
        for datum in finding.missing if finding.result is Result.MISSING else ():
            misses.setdefault(datum.name, []).append(finding)
    groups: dict[tuple[object, ...], list[Finding]] = {}
    names: dict[tuple[object, ...], set[str]] = {}
    for finding in findings:
        if finding.result is Result.MISSING and finding.missing:
            for datum in finding.missing:
                # the data that the same rules miss are one point
                key = ("manquant", *((one.rule, one.element) for one in misses[datum.name]))
                groups[key] = misses[datum.name]
                names.setdefault(key, set()).add(datum.name)
        else:
            groups.setdefault((finding.consequence, finding.message or finding.rule), []).append(finding)
    found = [_point(group, names.get(key, ())) for key, group in groups.items()]
    return [point for point in found if not point.derived] or found


def _point(findings: Sequence[Finding], names: Collection[str]) -> Point:
    missing = tuple(datum for datum in merged(d for f in findings for d in f.missing) if datum.name in names)
    alone = len(findings) == 1 and len(missing) == len(findings[0].missing)
    return Point(findings[0].message if alone or not names else missing_message(missing), tuple(findings), missing)
