"""The proof says what was counted, fits its schema, is the same for the same files, and names nobody."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from recevable import __version__
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.proof import read_proof, to_json
from recevable.registers.annuaire.proving import prove

if TYPE_CHECKING:
    from tests.registers.annuaire.conftest import Bench

    from recevable.registers.annuaire.sample import Sample

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas/annuaire/preuve.schema.json").read_text(encoding="utf-8"))
ONE, TWO = "300012340600019", "1990000016"
ENTRIES = [("un.example", ONE), ("deux.example", TWO), ("partage.example", ONE), ("partage.example", TWO)]
LINES = [
    f"{kind}|{address}{'|' * 29}"
    for kind, address in [
        ("PER", "a@un.example"),
        ("PER", "A@UN.example"),
        ("ORG", "b@un.example"),
        ("CAB", "c@un.example"),
        ("PER", "d@deux.example"),
        ("PER", "e@partage.example"),
        ("PER", "f@absent.example"),
        ("PER", "g@un.example"),
        ("ORG", "g@un.example"),
        ("PER", "sans arobase"),
    ]
]


def proven(bench: Bench, lines: list[str] = LINES, **options: Any) -> dict[str, Any]:
    certificate = options.pop("certificate", bench.certificate)
    return prove(bench.extraction(lines), bench.white_list(ENTRIES), certificate=certificate, **options)


def test_the_whole_proof_of_a_small_count(bench: Bench) -> None:
    proof = proven(bench)
    extraction, listed = proof.pop("extraction"), proof.pop("liste_blanche")
    assert extraction["sha256"] == hashlib.sha256((bench.folder / extraction_name(bench)).read_bytes()).hexdigest()
    assert extraction["produite_le"] == "2025-02-28T16:00:00+01:00"
    assert listed["sha256"] == hashlib.sha256((bench.folder / "liste.xml").read_bytes()).hexdigest()
    assert (listed["produite_le"], listed["signature"]) == ("2025-02-28T15:42:07+00:00", "verifiee")

    def bal(org: int = 0, per: int = 0, unknown: int = 0, conflicting: int = 0) -> dict[str, int | None]:
        return {
            "applicatives": None,
            "organisationnelles": org,
            "personnelles": per,
            "types_inconnus": unknown,
            "types_contradictoires": conflicting,
        }

    assert proof == {
        "nature": "preuve_annuaire",
        "format": 1,
        "outil": {"nom": "recevable", "version": __version__},
        "cloture": None,
        "portee": None,
        "lignes": {
            "total": 10,
            "retenues": 9,
            "rejetees": 1,
            "rejets": [{"cause": "adresse_sans_arobase", "nombre": 1, "premieres_lignes": [11]}],
        },
        "adresses": {"distinctes": 7, "sur_plusieurs_lignes": 2},
        "applicatives_connues": False,
        "bal": {
            "total": bal(1, 4, 1, 1),
            "attribuees": bal(1, 2, 1, 1),
            "contestees": bal(0, 1),
            "hors_liste": bal(0, 1),
        },
        "types_inconnus": [{"type": "CAB", "nombre": 1}],
        "operateurs": [
            {
                "identifiants": [TWO],
                "domaines": 1,
                "bal": bal(0, 1),
                "domaines_contestes": 1,
                "bal_contestees": bal(0, 1),
            },
            {
                "identifiants": [ONE],
                "domaines": 1,
                "bal": bal(1, 1, 1, 1),
                "domaines_contestes": 1,
                "bal_contestees": bal(0, 1),
            },
        ],
        "domaines_contestes": [
            {
                "domaine": "partage.example",
                "operateurs": [TWO, ONE],
                "cause": "plusieurs_operateurs",
                "bal": bal(0, 1),
            }
        ],
        "domaines_hors_liste": {
            "liste": [{"domaine": "absent.example", "bal": 1}],
            "bal_de_domaines_illisibles": 0,
        },
    }


def extraction_name(bench: Bench) -> str:
    (found,) = bench.folder.glob("Extraction_*.txt")
    return found.name


@pytest.mark.parametrize("operator", [(), (ONE,), (TWO, ONE)])
def test_a_proof_fits_its_schema(bench: Bench, operator: tuple[str, ...]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(proven(bench, operator=operator, closing=date(2025, 2, 28)), SCHEMA)


def test_the_proof_of_a_sample_fits_its_schema(sample: Sample) -> None:
    jsonschema.validate(prove(sample.extraction, sample.white_list), SCHEMA)


def test_every_object_of_the_schema_is_closed_and_everything_is_described_in_it() -> None:
    def visit(node: Any) -> int:
        seen = 0
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
            for name, child in node.get("properties", {}).items():
                assert child["title"], name
                assert child["description"].endswith("."), name
                seen += 1
            seen += sum(visit(child) for child in node.values())
        elif isinstance(node, list):
            seen = sum(visit(child) for child in node)
        return seen

    assert visit(SCHEMA) > 50


def test_the_same_files_give_the_same_bytes(bench: Bench) -> None:
    first = to_json(proven(bench))
    bench_again = prove(
        bench.folder / extraction_name(bench), bench.folder / "liste.xml", certificate=bench.certificate
    )
    assert to_json(bench_again) == first
    assert list(json.loads(first)) == sorted(json.loads(first))


def test_the_order_of_the_lines_changes_nothing_but_the_fingerprint_and_the_line_numbers(bench: Bench) -> None:
    forwards, backwards = proven(bench), proven(bench, LINES[::-1])
    for proof in (forwards, backwards):
        del proof["extraction"], proof["lignes"]["rejets"], proof["liste_blanche"]
    assert forwards == backwards


def test_a_proof_of_one_operator_lists_what_concerns_it_only(bench: Bench) -> None:
    everything, alone = proven(bench), proven(bench, operator=(TWO,))
    assert alone["portee"] == [TWO]
    assert alone["operateurs"] == [one for one in everything["operateurs"] if one["identifiants"] == [TWO]]
    assert [one["domaine"] for one in alone["domaines_contestes"]] == ["partage.example"]
    assert "domaines_hors_liste" not in alone
    assert alone["bal"] == everything["bal"]


def test_two_identifiers_of_one_operator_are_counted_together(bench: Bench) -> None:
    proof = proven(bench, operator=(ONE, TWO))
    (operator,) = proof["operateurs"]
    assert operator["identifiants"] == proof["portee"] == [TWO, ONE]
    assert operator["bal"]["personnelles"] == 3
    assert proof["domaines_contestes"] == []


def test_an_operator_that_the_list_does_not_know_is_refused_rather_than_counted_as_zero(bench: Bench) -> None:
    with pytest.raises(EvidenceError, match="ce n'est pas un compte de zéro"):
        proven(bench, operator=("300099990400014",))


@pytest.mark.parametrize(
    ("closing", "matches"),
    [(None, None), (date(2025, 2, 28), True), (date(2025, 2, 27), False), (date(2025, 3, 1), False)],
)
def test_the_day_of_the_extraction_is_compared_with_the_closing_date(
    bench: Bench, closing: date | None, matches: bool | None
) -> None:
    proof = proven(bench, closing=closing)
    assert proof["extraction"]["correspond_a_la_cloture"] is matches
    assert proof["cloture"] == (closing.isoformat() if closing else None)


def test_an_extraction_without_a_date_matches_no_closing_date(bench: Bench) -> None:
    path = bench.extraction(LINES, name="extraction.txt")
    proof = prove(path, bench.white_list(ENTRIES), closing=date(2025, 2, 28))
    assert proof["extraction"]["produite_le"] is None
    assert proof["extraction"]["correspond_a_la_cloture"] is None


def test_a_type_that_may_be_a_name_is_not_written(bench: Bench) -> None:
    kinds = ["CAB", "per", "Jeanne Exemple", "EXEMPLE", *(f"T{number:02d}" for number in range(30))]
    lines = [f"{kind}|x{number}@un.example{'|' * 29}" for number, kind in enumerate(kinds)]
    listed = proven(bench, lines)["types_inconnus"]
    named = [one["type"] for one in listed if one["type"] is not None]
    assert "CAB" in named
    assert all(len(kind) <= 4 for kind in named)
    assert len(named) == 20
    assert listed[-1] == {"type": None, "nombre": len(kinds) - 20}


# Reading a proof back.


def test_a_proof_is_read_back_as_it_was_written(bench: Bench) -> None:
    proof = proven(bench)
    assert read_proof(bench.file("preuve.json", to_json(proof).encode())) == proof


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ce n'est pas du JSON"),
        (b'{"nature": ', "ligne 1, colonne 12 : ce n'est pas du JSON"),
        (b"[]", "ce n'est pas une preuve"),
        (b"{}", "ce n'est pas une preuve"),
        (b'{"nature": "preuve_annuaire"}', "autre format"),
        (b'{"nature": "preuve_annuaire", "format": 2}', "autre format"),
        (b'{"a": NaN}', "JSON refusé"),
        (b'{"a": 1, "a": 2}', "JSON refusé"),
        (b"[" * 100_000, "JSON"),
        ('{"nature": "é"}'.encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_not_a_proof_is_refused(bench: Bench, content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        read_proof(bench.file("preuve.json", content))


def test_a_missing_proof_is_refused(bench: Bench) -> None:
    with pytest.raises(EvidenceError, match="n'existe pas"):
        read_proof(bench.folder / "absente.json")
