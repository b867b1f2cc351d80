"""A list inside each element of a list: the lines of invoices, in rules about an invoice and in sums of sums."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from recevable import open_programme
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load

HERE = Path(__file__).parent
LINE = {
    "title": "Ligne",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "montant": {"title": "Montant de la ligne", "type": "string", "format": "montant"},
        "eligible": {"title": "Éligible", "type": "boolean"},
    },
}
RULES = """\
regles:
  - id: LIGNES-TOTAL
    titre: Les lignes font le total
    demandes: [solde]
    pour_chaque: f dans demande.factures
    condition: somme(l dans f.lignes, l.montant) = f.ht
    si_faux: {consequence: signaler, message: "Les {nombre(l dans f.lignes, vrai)} lignes font autre chose."}
    source: Délibération, art. 1
  - id: LIGNES-ELIGIBLES
    titre: Part éligible
    demandes: [solde]
    pour_chaque: f dans demande.factures
    montant: somme(l dans f.lignes si l.eligible, l.montant)
    nom: part_eligible
    source: Délibération, art. 1
  - id: LIGNES-TOUTES
    titre: Part éligible de toutes les factures
    demandes: [solde]
    montant: somme(f dans demande.factures, f.part_eligible)
    nom: total_eligible
    source: Délibération, art. 1
  - id: LIGNES-COMPTE
    titre: Trois lignes au moins
    demandes: [solde]
    condition: somme(f dans demande.factures, nombre(l dans f.lignes si l.montant > 0, vrai)) >= 3
    si_faux: {consequence: signaler, message: Trop peu.}
    source: Délibération, art. 1
"""
LOOP = """\
regles:
  - id: LIGNE
    titre: x
    demandes: [solde]
    pour_chaque: l dans solde.factures.lignes
    condition: l.montant > 0
    si_faux: {consequence: signaler, message: x}
    source: Délibération, art. 1
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    root = tmp_path / "factures"
    shutil.copytree(HERE / "factures", root)
    schema = json.loads((root / "dossier.schema.json").read_bytes())
    lines = {"title": "Lignes", "type": "array", "maxItems": 5, "items": LINE}
    schema["properties"]["solde"]["properties"]["factures"]["items"]["properties"]["lignes"] = lines
    (root / "dossier.schema.json").write_text(json.dumps(schema), "utf-8")
    (root / "regles" / "lignes.yaml").write_text(RULES, "utf-8")
    return root


def decided(pack: Path, first: list[dict[str, Any]], third: list[dict[str, Any]]) -> Any:
    """The request, with the lines of the two invoices that are not set aside."""
    programme = open_programme(pack, prepared=False)
    data = json.loads((HERE / "dossiers-factures" / "quatre.json").read_bytes())
    invoices = data["solde"]["factures"]
    invoices[0]["lignes"], invoices[2]["lignes"] = first, third
    return programme.decide(programme.read(json.dumps(data).encode()), date(2024, 7, 31)).request("solde")


def line(amount: str, eligible: bool | None = None) -> dict[str, Any]:
    return {"montant": amount} | ({} if eligible is None else {"eligible": eligible})


def test_the_lines_of_each_invoice_are_summed_filtered_and_said(pack: Path) -> None:
    request = decided(pack, [line("60.00", True), line("20.00", True)], [line("600.00", False), line("90.00", True)])
    results = {one.element.key: one for one in request.findings if one.rule == "LIGNES-TOTAL" and one.element}
    assert [str(results[key].result) for key in ("F-1", "F-3")] == ["satisfait", "non_satisfait"]
    assert results["F-3"].message == "Facture F-3 : les 2 lignes font autre chose."
    (total,) = [one for one in request.amounts if one.name == "total_eligible"]
    assert str(total.value) == "170.00"
    (counted,) = [one for one in request.findings if one.rule == "LIGNES-COMPTE"]
    assert str(counted.result) == "satisfait"  # F-2 and F-4, without lines, are set aside


def test_what_a_line_lacks_is_asked_for_by_its_place_and_leaves_the_sums_unknown(pack: Path) -> None:
    request = decided(pack, [line("80.00", True)], [line("600.00"), line("100.00", True)])
    (total,) = [one for one in request.amounts if one.name == "total_eligible"]
    assert total.value is None
    assert {datum.name for datum in total.missing} == {"solde.factures[2].lignes[0].eligible"}


def test_a_rule_about_each_line_is_refused_by_a_sentence(pack: Path) -> None:
    (pack / "regles" / "boucle.yaml").write_text(LOOP, "utf-8")
    manifest = pack / "programme.yaml"
    before = "  solde.factures: {titre: Facture, cle: numero}\n"
    text = manifest.read_text("utf-8")
    assert before in text
    manifest.write_text(
        text.replace(before, f"{before}  solde.factures.lignes: {{titre: Ligne, cle: montant}}\n"), "utf-8"
    )
    with pytest.raises(DiagnosticError) as refused:
        CompiledPack(load(pack)).verify()
    said = "`solde.factures.lignes` est une liste dans chaque élément de `solde.factures`, et nulle règle"
    assert any(fault.message.startswith(said) for fault in refused.value.diagnostics)
