"""What a dossier says of the directory is compared with the proof, figure by figure."""

from __future__ import annotations

import copy
import sys
from datetime import date
from subprocess import run
from typing import TYPE_CHECKING, Any

import pytest

from recevable.registers.annuaire.proving import prove
from recevable.registers.annuaire.verification import discrepancies
from recevable.registers.contract import Discrepancy

if TYPE_CHECKING:
    from tests.registers.annuaire.conftest import Bench

SIRET, OTHER, FINESS = "00012340600019", "00099990400014", "1990000016"
ENTRIES = [("un.example", "3" + SIRET), ("deux.example", FINESS), ("p.example", "3" + SIRET), ("p.example", FINESS)]
LINES = [
    f"{kind}|{address}{'|' * 29}"
    for kind, address in [
        ("APP", "z@un.example"),
        ("PER", "a@un.example"),
        ("PER", "b@un.example"),
        ("ORG", "c@un.example"),
        ("CAB", "d@un.example"),
        ("PER", "e@p.example"),
        ("PER", "f@un.example"),
        ("ORG", "f@un.example"),
        ("PER", "g@deux.example"),
    ]
]
FACTS = {
    "extrait_le": "2025-02-28T16:00:00+01:00",
    "applicatives": 1,
    "organisationnelles": 1,
    "personnelles": 2,
    "types_inconnus": 1,
    "contestees": 2,
}


@pytest.fixture
def proof(bench: Bench) -> dict[str, Any]:
    return prove(
        bench.extraction(LINES), bench.white_list(ENTRIES), certificate=bench.certificate, closing=date(2025, 2, 28)
    )


def causes(found: list[Discrepancy]) -> list[tuple[str, str, str]]:
    return [(one.level, one.field, one.cause) for one in found]


def test_nothing_differs_when_all_agrees(proof: dict[str, Any]) -> None:
    assert discrepancies(proof, FACTS, SIRET, closing="2025-02-28") == []


@pytest.mark.parametrize(
    "field", ["applicatives", "organisationnelles", "personnelles", "types_inconnus", "contestees"]
)
def test_a_figure_that_differs_is_told_with_both_values(proof: dict[str, Any], field: str) -> None:
    (found,) = discrepancies(proof, {**FACTS, field: 99}, SIRET)
    assert (found.level, found.field, found.cause) == ("ecart", field, "chiffre_different")
    assert (found.stated, found.proven) == (99, FACTS[field])
    assert f"le dossier en déclare 99, la preuve en compte {FACTS[field]}" in found.message


@pytest.mark.parametrize("field", list(FACTS))
def test_a_figure_that_the_dossier_lacks_is_told(proof: dict[str, Any], field: str) -> None:
    facts = {name: value for name, value in FACTS.items() if name != field}
    assert causes(discrepancies(proof, facts, SIRET)) == [("ecart", field, "absent")]


def test_application_boxes_that_the_extraction_does_not_list_cannot_be_verified(bench: Bench) -> None:
    public = prove(bench.extraction(LINES[1:]), bench.white_list(ENTRIES), certificate=bench.certificate)
    for stated in (0, 1):
        (found,) = discrepancies(public, {**FACTS, "applicatives": stated}, SIRET)
        assert (found.level, found.field, found.cause) == ("non_verifiable", "applicatives", "absent_de_l_extraction")
        assert "ne veut pas dire zéro" in found.message


@pytest.mark.parametrize(
    ("stated", "agrees"),
    [
        ("2025-02-28T15:00:00Z", True),
        ("2025-02-28T16:00:00", True),
        ("2025-02-28T16:00:59+01:00", True),
        ("2025-02-28T16:00:00Z", False),
        ("2025-02-27T16:00:00+01:00", False),
    ],
)
def test_the_time_of_the_extraction_is_compared_as_an_instant_to_the_minute(
    proof: dict[str, Any], stated: str, agrees: bool
) -> None:
    found = discrepancies(proof, {**FACTS, "extrait_le": stated}, SIRET)
    assert causes(found) == ([] if agrees else [("ecart", "extrait_le", "date_differente")])


def test_a_proof_made_for_another_closing_date_is_told(proof: dict[str, Any]) -> None:
    assert causes(discrepancies(proof, FACTS, SIRET, closing="2025-03-01")) == [
        ("ecart", "", "cloture_differente"),
        ("ecart", "extrait_le", "hors_cloture"),
    ]


def test_an_extraction_of_another_day_than_its_closing_date_is_told(bench: Bench) -> None:
    late = prove(
        bench.extraction(LINES), bench.white_list(ENTRIES), certificate=bench.certificate, closing=date(2025, 2, 27)
    )
    assert causes(discrepancies(late, FACTS, SIRET)) == [("ecart", "extrait_le", "hors_cloture")]


def test_an_extraction_without_a_date_cannot_be_verified(bench: Bench) -> None:
    path = bench.extraction(LINES, name="extraction.txt")
    undated = prove(path, bench.white_list(ENTRIES), certificate=bench.certificate)
    assert causes(discrepancies(undated, FACTS, SIRET)) == [("non_verifiable", "extrait_le", "production_inconnue")]


def test_a_signature_that_was_not_verified_is_told(bench: Bench) -> None:
    unverified = prove(bench.extraction(LINES), bench.white_list(ENTRIES))
    assert causes(discrepancies(unverified, FACTS, SIRET)) == [("non_verifiable", "", "signature_non_verifiee")]


def test_rejected_lines_and_a_suspect_end_are_remarks(bench: Bench) -> None:
    path = bench.extraction([*LINES, "PER|coupe"])
    path.write_bytes(path.read_bytes()[:-1])
    cut = prove(path, bench.white_list(ENTRIES), certificate=bench.certificate)
    assert causes(discrepancies(cut, FACTS, SIRET)) == [
        ("remarque", "", "fin_suspecte"),
        ("remarque", "", "lignes_rejetees"),
    ]


def test_a_proof_of_another_operator_is_told(proof: dict[str, Any]) -> None:
    assert causes(discrepancies(proof, FACTS, OTHER)) == [("ecart", "", "autre_operateur")]


def test_a_dossier_without_a_siret_cannot_be_verified(proof: dict[str, Any]) -> None:
    assert causes(discrepancies(proof, FACTS, None)) == [("non_verifiable", "", "operateur_inconnu")]


def test_a_finess_number_alone_has_to_be_confirmed_and_its_figures_are_compared(bench: Bench) -> None:
    alone = prove(bench.extraction(LINES), bench.white_list(ENTRIES), certificate=bench.certificate, operator=(FINESS,))
    found = causes(discrepancies(alone, {**FACTS, "personnelles": 1}, SIRET))
    assert found[0] == ("non_verifiable", "", "finess_a_rapprocher")
    assert ("ecart", "organisationnelles", "chiffre_different") in found
    assert ("ecart", "personnelles", "chiffre_different") not in found


def test_identifiers_declared_to_be_one_operator_are_a_remark(bench: Bench) -> None:
    both = prove(
        bench.extraction(LINES),
        bench.white_list(ENTRIES),
        certificate=bench.certificate,
        operator=("3" + SIRET, FINESS),
    )
    facts = {**FACTS, "personnelles": 4, "contestees": 1}
    assert causes(discrepancies(both, facts, SIRET)) == [("remarque", "", "identifiants_rapproches")]


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the numbers of a proof are."""
    if isinstance(node, dict):
        return [found for key, child in node.items() for found in paths(child, (*path, key))]
    if isinstance(node, list):
        return [found for key, child in enumerate(node) for found in paths(child, (*path, key))]
    return [path] if isinstance(node, int) and not isinstance(node, bool) else []


def test_a_figure_changed_in_a_proof_shows(proof: dict[str, Any]) -> None:
    """Every number that is part of a sum: raising it alone breaks that sum."""
    summed = [
        path
        for path in paths(proof)
        if path[0] in {"lignes", "bal", "operateurs", "domaines_contestes", "types_inconnus"}
    ]
    summed = [
        path for path in summed if path[-1] not in {"domaines", "domaines_contestes"} and "premieres_lignes" not in path
    ]
    assert len(summed) > 30
    for path in summed:
        altered = copy.deepcopy(proof)
        node = altered
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] += 1
        assert "totaux_incoherents" in [one.cause for one in discrepancies(altered, FACTS, SIRET)], path


def test_verifying_needs_neither_xml_nor_signatures() -> None:
    program = (
        "import sys, recevable.registers.annuaire.verification;"
        "sys.exit(bool({'lxml', 'signxml', 'cryptography', 'click'} & set(sys.modules)))"
    )
    assert run([sys.executable, "-c", program], check=False).returncode == 0


# --- types that the programme prices besides the usual ones -----------------------------------------------------------

FURTHER = {"CAB": "cabinets"}
MORE = {**FACTS, "types_inconnus": 0, "cabinets": 1}


@pytest.fixture
def fuller(bench: Bench) -> dict[str, Any]:
    """The proof of a count that was asked for the further type."""
    files = bench.extraction(LINES), bench.white_list(ENTRIES)
    return prove(*files, certificate=bench.certificate, closing=date(2025, 2, 28), further=FURTHER)


def test_a_further_type_is_compared_as_the_others(fuller: dict[str, Any]) -> None:
    assert fuller["autres_types"] == FURTHER
    assert discrepancies(fuller, MORE, SIRET, types=FURTHER) == []
    found = discrepancies(fuller, {**MORE, "cabinets": 2}, SIRET, types=FURTHER)
    assert causes(found) == [("ecart", "cabinets", "chiffre_different")]
    assert found[0].message == "BAL de type CAB : le dossier en déclare 2, la preuve en compte 1."
    assert causes(discrepancies(fuller, {**MORE, "cabinets": None}, SIRET)) == [("ecart", "cabinets", "absent")]


def test_a_proof_that_did_not_count_a_further_type_confirms_nothing_of_it(proof: dict[str, Any]) -> None:
    found = discrepancies(proof, {**FACTS, "cabinets": 7}, SIRET, types=FURTHER)
    assert causes(found) == [("non_verifiable", "cabinets", "type_non_compte")]


def test_a_further_type_that_is_not_in_the_extraction_is_not_zero(bench: Bench) -> None:
    lines = [line for line in LINES if not line.startswith("CAB")]
    files = bench.extraction(lines), bench.white_list(ENTRIES)
    made = prove(*files, certificate=bench.certificate, closing=date(2025, 2, 28), further=FURTHER)
    found = discrepancies(made, {**MORE, "cabinets": 0}, SIRET, types=FURTHER)
    assert causes(found) == [("non_verifiable", "cabinets", "absent_de_l_extraction")]


@pytest.mark.parametrize("part", ["total", "attribuees"])
@pytest.mark.parametrize("number", [None, 0, 9])
def test_an_altered_figure_of_a_further_type_shows(fuller: dict[str, Any], part: str, number: int | None) -> None:
    altered = copy.deepcopy(fuller)
    if number is None:
        del altered["bal"][part]["cabinets"]
    else:
        altered["bal"][part]["cabinets"] = number
    assert ("ecart", "", "totaux_incoherents") in causes(discrepancies(altered, MORE, SIRET, types=FURTHER))


def test_a_figure_that_no_type_has_shows(proof: dict[str, Any]) -> None:
    altered = copy.deepcopy(proof)
    for one in altered["bal"].values():
        one["cabinets"] = 0
    assert ("ecart", "", "totaux_incoherents") in causes(discrepancies(altered, FACTS, SIRET))
