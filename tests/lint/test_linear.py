"""Lint takes twice as long for twice as many rules: what is counted is lines of Python that run, not seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from tests.bounds import lines_of, out_of_proportion

from recevable.lint.run import lint

BASE: Final = Path(__file__).parent / "base"
DAY: Final = date(2026, 12, 1)
FEW, MANY = 20, 80


def rule(rank: object, **keys: str) -> str:
    """A rule on one line."""
    common = {"exigences": "[REQ-1]", "source": '"Règlement, art. 1"'} | keys
    return f"  - {{id: CAS-{rank}, titre: Cas {rank}, {', '.join(f'{key}: {text}' for key, text in common.items())}}}\n"


def condition(rank: object, text: str, **keys: str) -> str:
    failure = f'{{consequence: rejeter, message: "Faux {rank}."}}'
    return rule(rank, demandes="[aide]", condition=f"'{text}'", si_faux=failure, **keys)


def amount(rank: int, when: str) -> str:
    return rule(rank, demandes="[aide]", quand=f"'{when}'", montant=f'"{rank}.00"', nom="part")


SHAPES: Final[dict[str, Callable[[int], str]]] = {
    "a condition each": lambda i: condition(i, f"aide.enfants > {i}"),
    "one condition": lambda i: condition(i, "aide.enfants > 3"),
    "examples": lambda i: condition(
        i, f"aide.enfants > {i}",
        exemples=f'[{{avec: {{aide.enfants: {i}}}, resultat: "non_satisfait:faux"}}]',
    ),
    "pieces": lambda i: rule(
        i, demandes="[aide]", piece="aide.facture", si_absente=f'{{consequence: completer, message: "Non {i}."}}'
    ),
    "deductions": lambda i: rule(i, deduction=f"d{i}", vaut=f"aide.enfants > {i}") + condition(f"D-{i}", f"d{i}"),
    "exceptions to one rule": lambda i: condition(
        i, f"aide.enfants > {i}", quand=f"aide.enfants = {i}", exception_a="BASE-PROFIL"
    ),
    "exceptions to exceptions": lambda i: condition(
        i, f"aide.enfants > {i}", quand=f"aide.enfants = {i}", exception_a=f"CAS-{i - 1}" if i else "BASE-PROFIL"
    ),
    "cases": lambda i: condition(i, f"aide.enfants > {i} ou aide.facture.prix < {i}.00 ou demandeur.majeur"),
    "amounts by number": lambda i: amount(i, f"aide.enfants entre {2 * i} et {2 * i + 1}"),
    "amounts by money": lambda i: amount(
        i, f"demandeur.majeur et aide.facture.prix >= {i}.00 et aide.facture.prix < {i + 1}.00"
    ),
    "amounts by text": lambda i: amount(i, f'demandeur.nom = "a{i}"'),
    "amounts that all meet": lambda i: amount(i, f"aide.enfants > {i}"),
    "amounts that all meet, the other way": lambda i: amount(i, f"aide.enfants > {1000 - i}"),
    "amounts on a grid": lambda i: amount(
        i, f"aide.enfants = {i // 2} et demandeur.profil = \"{('particulier', 'association')[i % 2]}\""
    ),
}  # fmt: skip


def pack(folder: Path, shape: str, rules: int) -> Path:
    """The minimal pack and as many more rules of one shape, in several files."""
    shutil.copytree(BASE, folder)
    for start in range(0, rules, 50):
        text = "".join(SHAPES[shape](rank) for rank in range(start, min(start + 50, rules)))
        (folder / "regles" / f"cas-{start:03}.yaml").write_text(f"regles:\n{text}", "utf-8")
    return folder


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_no_function_of_lint_works_more_for_a_rule_when_there_are_more_rules(shape: str, tmp_path: Path) -> None:
    few, many = pack(tmp_path / "few", shape, FEW), pack(tmp_path / "many", shape, MANY)
    # what is read or built on a first use only is no part of it
    for folder in (few, many):
        assert not any(d.code.startswith("PAQ-") for d in lint(folder, DAY))
    once, often = lines_of(lambda: lint(few, DAY)), lines_of(lambda: lint(many, DAY))
    assert sum(once.values()) > 10_000
    assert out_of_proportion(once, often, MANY / FEW) == {}
