"""The mutants that trials do not detect, as French text and as data; the last line is the killed share, truncated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from recevable.decision.wording import number
from recevable.language.diagnostics import Diagnostic, Severity
from recevable.outputs.run import relocated, seen_from_here
from recevable.report import diagnostics as diagnostics_text
from recevable.report.layout import Page, percent, table, visible
from recevable.trials.mutation.accepted import FILE
from recevable.trials.mutation.model import DROPPED, Mutant
from recevable.trials.mutation.operators import operators
from recevable.trials.mutation.run import Fate, Tried

CODE: Final = "MUT-SURVIVANT"


class Mutation(Struct, frozen=True):
    """Every mutant of a pack with its fate, and the pack's reasons for survivors, by id."""

    folder: Path
    tried: tuple[Tried, ...]
    reasons: Mapping[str, str]
    trials: int

    def with_fate(self, fate: Fate) -> list[Tried]:
        """The mutants with that fate."""
        return [one for one in self.tried if one.fate is fate]

    @property
    def unexplained(self) -> list[Tried]:
        """The survivors without a reason in the pack."""
        return [one for one in self.with_fate(Fate.SURVIVED) if one.mutant.id not in self.reasons]

    @property
    def counts(self) -> tuple[int, int]:
        """The numbers of mutants killed and counted; an explained survivor still counts as a survivor."""
        killed = len(self.with_fate(Fate.KILLED))
        return killed, killed + len(self.with_fate(Fate.SURVIVED))


def share(counts: Iterable[tuple[int, int]]) -> Fraction:
    """The share killed, from 0 to 1; 0 without any mutant."""
    killed, total = (sum(column) for column in zip(*counts, strict=True))
    return Fraction(killed, total) if total else Fraction(0)


def render(found: Mutation, page: Page, line_of: Callable[[str, int], str], *, verbose: bool = False) -> str:
    """The survivors by line, the explained ones, and a table per operator."""
    head = f"{seen_from_here(found.folder)} : {number(found.counts[1])} mutants, {number(found.trials)} essais"
    blocks = [page.paint(visible(head, "\u202f"), "bold") + "\n"]
    for group in together(one.mutant for one in found.unexplained):
        diagnostics = relocated([_diagnostic(group)], found.folder)
        blocks.append(diagnostics_text.render(diagnostics, page, line_of))
    explained = len(found.with_fate(Fate.SURVIVED)) - len(found.unexplained)
    blocks += [_list(f"Survivants expliqués dans {FILE}", explained, _explained(found), page)]
    if verbose:
        invalid = [f"{one.mutant.id} : {changed([one.mutant])}" for one in found.with_fate(Fate.INVALID)]
        title = "Changements que le compilateur refuse, qui ne comptent pas"
        blocks += [_list(title, len(invalid), invalid, page)]
    blocks.append("\n".join(table(_by_operator(found))) + "\n")
    return "\n".join(block for block in blocks if block)


def together(mutants: Iterable[Mutant]) -> list[list[Mutant]]:
    """Mutants grouped by place and element changed: each group needs one trial."""
    found: dict[tuple[Any, ...], list[Mutant]] = {}
    for mutant in mutants:
        found.setdefault((mutant.operator, mutant.change.span, mutant.change.before), []).append(mutant)
    return list(found.values())


def changed(mutants: Sequence[Mutant]) -> str:
    """The changes of one element in words: `signaler` remplacé par `rejeter` ou `completer`."""
    others = [f"`{mutant.change.after}`" for mutant in mutants if mutant.change.after != DROPPED]
    words = [f"remplacé par {' ou '.join(others)}"] if others else []
    words += ["retiré"] if len(others) < len(mutants) else []
    return f"`{mutants[0].change.before}` {', ou '.join(words)}"


def total(counts: Sequence[tuple[int, int]]) -> str:
    """The last line: `Mutants tués : 2 871 sur 2 950, 97,3 %`."""
    killed, total = (sum(column) for column in zip(*counts, strict=True))
    return f"Mutants tués : {number(killed)} sur {number(total)}, {percent(share(counts))}"


def data(found: Mutation) -> dict[str, Any]:
    """The mutants of one pack as data."""
    killed, counted = found.counts
    return {
        "paquet": seen_from_here(found.folder),
        "essais": found.trials,
        "tues": killed,
        "comptes": counted,
        "part": percent(share([found.counts])),
        "survivants": [_data(one, found) for one in found.with_fate(Fate.SURVIVED)],
        "invalides": [_data(one, found) for one in found.with_fate(Fate.INVALID)],
        "operateurs": {
            name: {str(fate): count for fate, count in fates.items()} for name, fates in _fates(found).items()
        },
    }


def _data(one: Tried, found: Mutation) -> dict[str, Any]:
    span = relocated([_diagnostic([one.mutant])], found.folder)[0].span
    change = one.mutant.change
    place = {"fichier": span.file, "ligne": span.line, "colonne": span.column} if span else {}
    return {
        "mutant": one.mutant.id, "regle": one.mutant.subject, "operateur": one.mutant.operator, **place,
        "avant": change.before, "apres": change.after, "motif": found.reasons.get(one.mutant.id),
    }  # fmt: skip


def _diagnostic(mutants: Sequence[Mutant]) -> Diagnostic:
    message = f"{changed(mutants)} : aucun essai ne le remarque"
    trial = operators()[mutants[0].operator].noticed_by
    help = f"Ajoutez {trial} ; si rien ne peut le montrer, dites pourquoi dans {FILE}."
    notes = tuple(f"mutant {mutant.id}" for mutant in mutants)
    return Diagnostic(CODE, message, mutants[0].change.span, help, Severity.WARNING, notes=notes)


def _explained(found: Mutation) -> list[str]:
    """Each reason once, after the mutants that it covers."""
    by_reason: dict[str, list[str]] = {}
    for one in found.with_fate(Fate.SURVIVED):
        if one.mutant.id in found.reasons:
            by_reason.setdefault(found.reasons[one.mutant.id], []).append(one.mutant.id)
    return [f"{', '.join(names)} : {reason}" for reason, names in by_reason.items()]


def _list(title: str, count: int, items: Sequence[str], page: Page) -> str:
    if not items:
        return ""
    lines = [page.paint(f"{title} ({number(count)})", "bold")]
    for item in items:
        lines += page.paragraph(item, "  ", "    ")
    return "\n".join(lines) + "\n"


def _fates(found: Mutation) -> dict[str, Counter[Fate]]:
    counted: dict[str, Counter[Fate]] = {}
    for one in found.tried:
        counted.setdefault(one.mutant.operator, Counter())[one.fate] += 1
    return {name: counted[name] for name in operators() if name in counted}


def _by_operator(found: Mutation) -> list[list[str]]:
    rows = [["Opérateur", "Tués", "Survivants", "Invalides", "Ce qui change"]]
    for name, fates in _fates(found).items():
        rows.append([name, *(number(fates[fate]) for fate in Fate), operators()[name].title])
    return rows
