"""From the text to the rules and back: every requirement treated, every trap carried by rules and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recevable.pack import requirements
from recevable.pack.model import Pack
from recevable.pack.requirements import Inventory, Treatment

# How many requirements were found in each section of the AF: REQ-4.2-01 to REQ-4.2-06, and so on.
SECTIONS = {
    "0": 7, "1.1": 21, "2": 16, "3.1": 24, "3.2": 5, "4": 2, "4.1": 1, "4.2": 6, "4.3": 4, "5.1": 10, "5.2": 3,
    "6": 4, "6.1": 7, "6.2": 12, "7": 12,
}  # fmt: skip
# Questions of law that no dossier shows.
NOT_SHOWN = {"TRAP-30", "TRAP-31"}


def _inventory(rules_folder: Path) -> Inventory:
    return requirements.read(rules_folder)


def test_nothing_is_left_out_and_nothing_designates_what_is_not_there(rules_folder: Path, pack: Pack) -> None:
    assert [f"{d.span} {d.message}" for d in requirements.verify(rules_folder, pack)] == []


def test_the_inventory_is_whole(rules_folder: Path) -> None:
    wanted = {f"REQ-{section}-{n:02}" for section, count in SECTIONS.items() for n in range(1, count + 1)}
    assert set(_inventory(rules_folder).requirements) == wanted


def test_every_rule_answers_to_the_text(pack: Pack) -> None:
    assert [rule.id for rule in pack.rules.values() if not rule.requirements or not rule.source] == []


def test_what_is_left_to_a_human_or_to_others_says_why(rules_folder: Path) -> None:
    inventory = _inventory(rules_folder).requirements.values()
    treated_otherwise = [r for r in inventory if r.treatment is not Treatment.RULE]
    assert treated_otherwise
    assert [r.id.text for r in treated_otherwise if len(r.reason) < 20] == []


def test_every_trap_that_a_dossier_can_show_is_shown(rules_folder: Path, expectations: dict[str, Any]) -> None:
    traps = _inventory(rules_folder).traps
    assert {t for t, trap in traps.items() if not trap.fixture} == NOT_SHOWN
    unknown = {t: trap.fixture for t, trap in traps.items() if trap.fixture and trap.fixture not in expectations}
    assert unknown == {}
    silent = [t for t, trap in traps.items() if trap.fixture and t not in expectations[trap.fixture]["pieges"]]
    assert silent == []


def test_an_expectation_names_only_known_traps(rules_folder: Path, expectations: dict[str, Any]) -> None:
    known = set(_inventory(rules_folder).traps)
    assert {(n, t) for n, expected in expectations.items() for t in expected["pieges"] if t not in known} == set()
