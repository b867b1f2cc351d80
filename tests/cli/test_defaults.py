"""Options whose default is policy take it from the pack."""

import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from recevable import data
from recevable.cli.app import run_code
from recevable.cli.defaults import PolicyDefaults
from recevable.dossier.dossier import load
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.edit import with_entry
from recevable.pack.loader import load as load_pack

PARAMETERS = "af-ope-mss/parametres.yaml"


def _default(option: str, *verbs: str) -> object:
    level = PolicyDefaults()
    for verb in verbs:
        level = level.get(verb)
    return level.get(option)


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped packs, taken for the shipped ones."""
    copy = tmp_path / "rules"
    shutil.copytree(data.shipped("rules"), copy)
    schemas = data.shipped("schemas")
    monkeypatch.setattr(data, "shipped", lambda name: copy if name == "rules" else schemas)
    return copy


def test_the_threshold_of_growth_is_the_one_of_the_pack() -> None:
    assert _default("threshold", "annuaire", "compare") == "3.5"
    assert _default("smallest", "annuaire", "compare") == "30"


def test_another_value_in_the_pack_is_another_default(packs: Path) -> None:
    parameters = packs / PARAMETERS
    parameters.write_text(parameters.read_text("utf-8").replace('valeur: "3.5"', 'valeur: "2.25"'), "utf-8")
    assert _default("threshold", "annuaire", "compare") == "2.25"


@pytest.mark.parametrize("option", ["out", "html", "fmt"])
def test_other_options_keep_their_own_default(option: str) -> None:
    assert _default(option, "annuaire", "compare") is None
    assert PolicyDefaults().get("check") is None
    assert _default(option, "annuaire") is None


def test_a_pack_with_a_fault_leaves_the_option_its_own_default(packs: Path) -> None:
    (packs / PARAMETERS).write_text("parametres: [", "utf-8")
    assert _default("threshold", "annuaire", "compare") is None


@pytest.mark.thorough
def test_the_comparison_says_which_threshold_it_used(
    packs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--lines", "6000", "--operateurs", "12"]
    for name, seed, produced in (("a", "1", "202506300300"), ("b", "1", "202507310300")):
        made = ["annuaire", "sample", "--out", str(tmp_path / name), "--seed", seed, "--produite-le", produced, *words]
        assert run_code(made) == 0
    old, new = (next((tmp_path / name).glob("Extraction_*.txt")) for name in ("a", "b"))
    capsys.readouterr()
    compare = [
        "annuaire",
        "compare",
        str(old),
        str(new),
        "--liste-blanche",
        str(tmp_path / "b/listeblanchemssante.xml"),
    ]
    assert run_code(compare) in (0, 1)
    assert "3,5" in capsys.readouterr().out
    parameters = packs / PARAMETERS
    parameters.write_text(parameters.read_text("utf-8").replace('valeur: "3.5"', 'valeur: "9.5"'), "utf-8")
    assert run_code(compare) in (0, 1)
    assert "9,5" in capsys.readouterr().out
    assert run_code([*compare, "--seuil", "4.5"]) in (0, 1)
    assert "4,5" in capsys.readouterr().out


MANIFEST = "af-ope-mss/programme.yaml"
SCHEMA = "af-ope-mss/dossier.schema.json"


@pytest.fixture
def fourth(packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped pack with a fourth type of mailbox, declared in YAML and in the schema of dossiers alone."""
    schemas = tmp_path / "schemas"
    shutil.copytree(data.shipped("schemas"), schemas)
    monkeypatch.setattr(data, "shipped", lambda name: packs if name == "rules" else schemas)
    path = schemas / SCHEMA
    figure = {"$ref": "#/$defs/entier", "title": "BAL de cabinet", "description": "Type CAB."}
    place = ("properties", "ans", "properties", "annuaire", "properties")
    path.write_bytes(with_entry(path.read_bytes(), place, "cabinets", json.dumps(figure)))
    manifest = packs / MANIFEST
    manifest.write_bytes(with_entry(manifest.read_bytes(), ("preuve",), "types", "{CAB: cabinets}", "chiffres"))
    return manifest


def test_no_further_type_is_counted_where_the_pack_names_none() -> None:
    assert _default("types", "annuaire", "count") == _default("types", "annuaire", "compare") == []


def test_a_fourth_type_is_counted_because_the_pack_names_it(
    fourth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["annuaire", "sample", "--out", str(tmp_path / "a"), "--lines", "6000", "--operateurs", "12"]
    assert run_code(made) == 0
    (extraction,) = (tmp_path / "a").glob("Extraction_*.txt")
    # whatever the invented extraction already has of it
    extraction.write_bytes(extraction.read_bytes().replace(b"\nORG|", b"\nCAB|", 5))
    listed = ["--liste-blanche", str(tmp_path / "a/listeblanchemssante.xml")]
    capsys.readouterr()
    assert run_code(["annuaire", "count", str(extraction), *listed, "--format", "json"]) in (0, 1)
    proof = json.loads(capsys.readouterr().out)
    assert proof["autres_types"] == {"CAB": "cabinets"}
    assert proof["bal"]["total"]["cabinets"] >= 5
    assert "CAB" not in [one["type"] for one in proof["types_inconnus"]]
    assert run_code(["annuaire", "count", str(extraction), *listed]) in (0, 1)
    assert "CAB" in capsys.readouterr().out
    assert run_code(["annuaire", "compare", str(extraction), str(extraction), *listed, "--format", "json"]) in (0, 1)
    assert "cabinets" in json.loads(capsys.readouterr().out)["chiffres_compares"]
    schema = SchemaValidator(data.read_schema("annuaire/preuve.schema.json"), ZoneInfo("Europe/Paris"), (1900, 2100))
    load(json.dumps(proof).encode(), "preuve.json", schema)


@pytest.mark.parametrize(
    ("types", "code", "message"),
    [
        ("{CAB: cabinet}", "PAQ-CHAMP", "cabinet"),
        ("{ORG: cabinets}", "PAQ-DOUBLON", "est déjà compté par le registre"),
        ("{CAB: personnelles}", "PAQ-DOUBLON", "est déjà compté par le registre"),
        ("{CAB: cabinets, CIB: cabinets}", "PAQ-DOUBLON", "compte déjà un autre type"),
        ("{CABINET: cabinets}", "PAQ-NOM", "ne désigne pas un type"),
        ("{CAB: extrait_le}", "PAQ-CHAMP", "extrait_le"),
    ],
)
def test_a_type_that_cannot_be_counted_is_a_fault(fourth: Path, types: str, code: str, message: str) -> None:
    fourth.write_text(fourth.read_text("utf-8").replace("{CAB: cabinets}", types), "utf-8")
    with pytest.raises(DiagnosticError) as caught:
        load_pack(fourth.parent)
    assert [(one.code, message in one.message) for one in caught.value.diagnostics] == [(code, True)]


@pytest.mark.parametrize("written", ["CAB", "CABINET=c", "CAB=Cabinets", "=c"])
def test_a_type_is_written_with_its_figure(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["annuaire", "count", "x", "--type", written]) == 2
    assert "l'écrire CODE=chiffre" in capsys.readouterr().err
