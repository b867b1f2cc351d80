"""The coverage of a pack by its trials, as French text and as data (schemas/couverture.schema.json)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from recevable.decision.wording import number
from recevable.outputs.run import seen_from_here
from recevable.outputs.trials import counted
from recevable.pack.requirements import Inventory, Treatment
from recevable.report.layout import Page, percent, table
from recevable.trials.coverage import Coverage, RuleLine, Shown
from recevable.trials.suite import Origin


def render(coverage: Coverage, folder: Path, page: Page, *, verbose: bool = False) -> str:
    """What is never covered, rule by rule with its line (every rule when `verbose`), then the summary."""
    head = f"{seen_from_here(folder)} : {_trials(coverage.trials)}"
    lines = [page.paint(head, "bold")]
    for line in coverage.lines:
        if line.lacking or verbose:
            lines += ["", *_rule(line, folder, page, verbose=verbose)]
    return "\n".join([*lines, "", *balance(coverage)]) + "\n"


def balance(coverage: Coverage) -> list[str]:
    """The counts and the share of the pack, rounded down."""
    outcomes = [shown for line in coverage.lines for shown in line.outcomes.values()]
    points = [shown for line in coverage.lines for edge in line.edges for shown in edge.shown.values()]
    complete = sum(not line.lacking for line in coverage.lines)
    rows = [
        (name, f"{shown} sur {possible}", percent(Fraction(shown, possible) if possible else Fraction(1)))
        for name, (shown, possible) in (
            ("Règles montrées en entier", (complete, len(coverage.lines))),
            ("Issues montrées", coverage.counts(outcomes)),
            ("Limites montrées", coverage.counts(points)),
        )
    ]
    shown, possible = coverage.counts()
    return [*table(rows), f"Couverture : {shown} sur {possible}, {percent(coverage.share)}"]


def matrix(coverage: Coverage, inventory: Inventory, page: Page) -> str:
    """Requirement × rule × trials: the rules of each requirement, and how often they are exercised."""
    lines = [page.paint("Exigences, règles et essais", "bold"), ""]
    for requirement in rows(coverage, inventory):
        lines += page.paragraph(f"{requirement['exigence']} ({requirement['section']}) {requirement['resume']}", "  ")
        if requirement["traitement"] != Treatment.RULE:
            lines += page.paragraph(f"{requirement['traitement']} : {requirement['motif']}", "      ")
        lines += [
            line
            for rule in requirement["regles"]
            for line in page.paragraph(
                f"{rule['regle']} : {_counted({Origin(o): n for o, n in rule['essais'].items()})}", "      "
            )
        ]
    return "\n".join(lines) + "\n"


def rows(coverage: Coverage, inventory: Inventory) -> list[dict[str, Any]]:
    """The matrix as data, in the order of the inventory."""
    carriers: dict[str, list[RuleLine]] = {}
    for line in coverage.lines:
        for word in line.rule.requirements:
            carriers.setdefault(word.text, []).append(line)
    return [
        {
            "exigence": requirement.id.text,
            "section": requirement.section,
            "resume": requirement.summary,
            "traitement": str(requirement.treatment),
            "motif": requirement.reason,
            "regles": [{"regle": line.rule.id, "essais": _origins(line.exercised)} for line in carriers.get(name, ())],
        }
        for name, requirement in inventory.requirements.items()
    ]


def data(coverage: Coverage, folder: Path, inventory: Inventory | None) -> dict[str, Any]:
    """The coverage of one pack as data."""
    shown, possible = coverage.counts()
    return {
        "paquet": seen_from_here(folder),
        "essais": _origins(coverage.trials),
        "regles": [
            {
                "regle": line.rule.id,
                "fichier": seen_from_here(folder / line.span.file),
                "ligne": line.span.line,
                "colonne": line.span.column,
                "issues": {outcome: _origins(found) for outcome, found in line.outcomes.items()},
                "limites": [
                    {"comparaison": edge.text} | {str(point): _origins(found) for point, found in edge.shown.items()}
                    for edge in line.edges
                ],
                "manques": line.lacking,
            }
            for line in coverage.lines
        ],
        "exigences": rows(coverage, inventory) if inventory is not None else [],
        "bilan": {"montres": shown, "possibles": possible, "part": percent(coverage.share)},
    }


def _rule(line: RuleLine, folder: Path, page: Page, *, verbose: bool) -> list[str]:
    where = f"{seen_from_here(folder / line.span.file)}:{line.span.line}:{line.span.column}"
    found = [f"  {page.paint(line.rule.id, 'bold')}  {page.paint(where, 'dim')}"]
    shown: Sequence[tuple[str, Shown]] = [
        *line.outcomes.items(),
        *((f"{edge.text} ({point.words})", counts) for edge in line.edges for point, counts in edge.shown.items()),
    ]
    for what, counts in shown:
        if not counts.total():
            found += page.paragraph(what, f"    {page.paint('✗', 'red')} ", "      ")
        elif verbose:
            found += page.paragraph(f"{what} : {_counted(counts)}", f"    {page.paint('✓', 'green')} ", "      ")
    return found


def _origins(shown: Shown) -> dict[str, int]:
    return {str(origin): shown[origin] for origin in Origin}


def _trials(shown: Counter[Origin]) -> str:
    return f"{number(shown.total())} essais ({_counted(shown)})"


def _counted(shown: Mapping[Origin, int]) -> str:
    return ", ".join(counted(shown)) or "aucun essai"
