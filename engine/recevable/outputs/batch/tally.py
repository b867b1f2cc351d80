"""What many decisions come to: counts that add up, in any order and from any process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.model import Decision
from recevable.language.diagnostics import Diagnostic
from recevable.pack.model import Result
from recevable.report.resume import cents


class Tally(Struct):
    """Counts of dossiers, of verdicts by request, of findings by rule, of missing data; euros in cents.

    `titles` are those of rules and data by name.
    """

    dossiers: int = 0
    accepted: int = 0
    refused: int = 0
    unreadable: int = 0
    without: int = 0
    failing: int = 0
    verdicts: dict[str, dict[str, int]] = {}
    rules: dict[str, dict[str, int]] = {}
    missing: dict[str, int] = {}
    cents: dict[str, int] = {}
    errors: dict[str, int] = {}
    titles: dict[str, str] = {}

    def decision(self, decision: Decision) -> None:
        """Count a decision."""
        for request in decision.requests:
            _count(self.verdicts, request.name, str(request.verdict))
            self._euros("proposes", cents(request.payable))
        for case in decision.recovery:
            _count(self.rules, case.rule, "clos" if case.closed else "indu")
            self.titles[case.rule] = case.title
            if not case.closed:
                self._euros("a_recouvrer", cents(case.amount))
        absent: dict[str, str] = {}
        parts = (decision.recovery_notable, *(request.notable for request in decision.requests))
        satisfied, off = Result.SATISFIED, Result.NOT_APPLICABLE
        for finding in [f for f in chain.from_iterable(parts) if f.result is not satisfied and f.result is not off]:
            _count(self.rules, finding.rule, str(finding.result))
            self.titles[finding.rule] = finding.title
            for datum in finding.missing:
                absent[datum.name] = datum.title
        # a datum once for each dossier that lacks it
        for name, title in absent.items():
            self.missing[name] = self.missing.get(name, 0) + 1
            self.titles[name] = title

    def fault(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Count a dossier without decision, by the code of each of its faults, once."""
        for code in dict.fromkeys(one.code for one in diagnostics):
            self.errors[code] = self.errors.get(code, 0) + 1

    def add(self, other: Tally) -> None:
        """Add the counts of other dossiers."""
        for name in self.__struct_fields__:
            setattr(self, name, _sum(getattr(self, name), getattr(other, name)))

    def kept(self, known: Mapping[str, str]) -> bytes:
        """The counts as JSON, which `read` reads back, without the titles that are `known`."""
        titles = {name: title for name, title in self.titles.items() if name not in known}
        return msgspec.json.encode(replace(self, titles=titles))

    @staticmethod
    def read(content: bytes | msgspec.Raw) -> Tally:
        """The counts out of what `kept` gives; raises msgspec.DecodeError."""
        return msgspec.json.decode(content, type=Tally)

    @property
    def data(self) -> dict[str, Any]:
        """The counts as they are published, with the names of the report of `check`; amounts in cents."""
        return {
            "dossiers": self.dossiers,
            "acceptes": self.accepted,
            "non_acceptes": self.refused,
            "illisibles": self.unreadable,
            "sans_decision": self.without,
            "demandes": self.verdicts,
            "regles": {rule: {"titre": self.titles[rule], **found} for rule, found in _most(self.rules)},
            "manquants": {
                name: {"titre": self.titles[name], "dossiers": count}
                for name, count in Counter(self.missing).most_common()
            },
            "centimes": self.cents,
            "erreurs": self.errors,
        }

    def _euros(self, what: str, value: int | None) -> None:
        if value is not None:
            self.cents[what] = self.cents.get(what, 0) + value


def _count(counts: dict[str, dict[str, int]], name: str, what: str) -> None:
    inner = counts.setdefault(name, {})
    inner[what] = inner.get(what, 0) + 1


def _most(counts: dict[str, dict[str, int]]) -> list[tuple[str, dict[str, int]]]:
    return sorted(counts.items(), key=lambda one: (-sum(one[1].values()), one[0]))


def _sum(one: Any, other: Any) -> Any:
    """Numbers added, tables member by member; a text stays."""
    if isinstance(one, dict):
        return {**one, **{key: _sum(one[key], value) if key in one else value for key, value in other.items()}}
    return one if isinstance(one, str) else one + other
