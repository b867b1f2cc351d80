"""The commands, as they are typed: what they print, what they write, and the code they end with."""

from __future__ import annotations

import json
import re
import sys
from subprocess import run
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from recevable.registers.annuaire.commands import annuaire
from recevable.registers.annuaire.proof import read_proof

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registers.annuaire.conftest import Bench

    from recevable.registers.annuaire.sample import Sample

ONE, TWO = "300012340600019", "1990000016"
ENTRIES = [("un.example", ONE), ("deux.example", TWO), ("partage.example", ONE), ("partage.example", TWO)]
SOUND = [f"PER|a@un.example{'|' * 29}", f"ORG|b@un.example{'|' * 29}", f"APP|c@un.example{'|' * 29}"]
PUBLIC = SOUND[:2]
CONTESTED = f"PER|d@partage.example{'|' * 29}"


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(annuaire, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def count(bench: Bench, lines: list[str], *options: object, verify: bool = True) -> Result:
    certificate = ("--certificat", bench.certificate) if verify else ()
    return call("count", bench.extraction(lines), "--liste-blanche", bench.white_list(ENTRIES), *certificate, *options)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


# count


def test_a_count_with_nothing_to_examine_ends_with_0(bench: Bench) -> None:
    result = count(bench, SOUND, "--cloture", "2025-02-28")
    assert result.exit_code == 0
    assert "À examiner" not in result.stdout
    assert "à la date de clôture" in result.stdout
    assert re.search(r"300012340600019 \(SIRET\) +1 +1 +1 +1 +0 +0\n", result.stdout)
    assert "1 opérateur de la liste blanche sans aucune BAL" in result.stdout


def test_a_count_for_one_operator_shows_what_is_its_own_and_what_is_contested(bench: Bench) -> None:
    result = count(bench, [*SOUND, CONTESTED], "--operateur", ONE[1:])
    assert result.exit_code == 1
    assert re.search(r"BAL personnelles +1 +1\n", result.stdout)
    assert "1 domaine contesté, 1 BAL attribuées à personne : partage.example" in result.stdout
    assert TWO not in result.stdout


def test_an_unknown_number_of_application_boxes_is_never_shown_as_zero(bench: Bench) -> None:
    for options in ((), ("--operateur", ONE)):
        result = count(bench, PUBLIC, *options)
        assert result.exit_code == 0
        assert "inconnu" in result.stdout
        assert "ce n'est pas un compte de zéro" in result.stdout
    assert json.loads(count(bench, PUBLIC, "--format", "json").stdout)["bal"]["total"]["applicatives"] is None


@pytest.mark.parametrize(
    ("lines", "options", "verify", "point"),
    [
        ([*SOUND, CONTESTED], (), True, "1 domaine contesté"),
        ([*SOUND, f"CAB|x@un.example{'|' * 29}"], (), True, "1 BAL d'un type sans barème (CAB)"),
        ([*SOUND, f"ORG|a@un.example{'|' * 29}"], (), True, "1 adresse sous plusieurs types"),
        ([*SOUND, f"PER|x@ailleurs.example{'|' * 29}"], (), True, "1 BAL dont le domaine n'est pas sur la liste"),
        ([*SOUND, f"PER|x@!{'|' * 29}"], (), True, "n'est pas sur la liste blanche (noms illisibles)"),
        ([*SOUND, "PER|coupe"], (), True, "1 ligne rejetée : moins de 31 colonnes (ligne 5)"),
        ([*SOUND, *[""] * 7], (), True, "7 lignes rejetées : ligne vide (lignes 5, 6, 7, 8, 9…)"),
        (SOUND, ("--cloture", "2025-03-01"), True, "n'a pas été produite le jour de la clôture (01/03/2025)"),
        (SOUND, (), False, "signature de la liste blanche non vérifiée"),
    ],
)
def test_what_a_human_has_to_look_at_is_told_and_ends_with_1(
    bench: Bench, lines: list[str], options: tuple[str, ...], verify: bool, point: str
) -> None:
    result = count(bench, lines, *options, verify=verify)
    assert result.exit_code == 1
    assert point in plain(result.stdout.split("À examiner :")[1])


def test_an_extraction_without_a_date_does_not_meet_a_closing_date(bench: Bench) -> None:
    path = bench.extraction(SOUND, name="e.txt")
    result = call("count", path, "--liste-blanche", bench.white_list(ENTRIES), "--cloture", "2025-02-28")
    assert result.exit_code == 1
    assert "le nom du fichier ne dit pas quand l'extraction a été produite" in result.stdout


def test_an_unfinished_last_line_is_told(bench: Bench) -> None:
    path = bench.extraction(SOUND)
    path.write_bytes(path.read_bytes()[:-1])
    result = call("count", path, "--liste-blanche", bench.white_list(ENTRIES), "--certificat", bench.certificate)
    assert result.exit_code == 1
    assert "peut-être tronquée" in result.stdout


def test_another_form_that_changes_nothing_is_told_and_ends_with_0(bench: Bench) -> None:
    path = bench.extraction(SOUND, end="\r\n", before=b"\xef\xbb\xbf")
    result = call("count", path, "--liste-blanche", bench.white_list(ENTRIES), "--certificat", bench.certificate)
    assert result.exit_code == 0
    assert "forme du fichier : marque UTF-8 (BOM) en tête, fins de ligne Windows" in result.stdout


def test_the_proof_is_written_and_json_prints_the_same(bench: Bench) -> None:
    target = bench.folder / "preuve.json"
    result = count(bench, SOUND, "--out", target, "--format", "json")
    assert target.read_text(encoding="utf-8") == result.stdout
    assert read_proof(target)["bal"]["total"]["applicatives"] == 1


def test_entries_set_aside_are_told(bench: Bench) -> None:
    document = bench.document([("un.example", f"OU={ONE}"), ("x", "OU=1"), ("deux.example", "O=X")])
    path = bench.file("liste.xml", bench.signer.sign(document))
    result = call("count", bench.extraction(SOUND), "--liste-blanche", path, "--certificat", bench.certificate)
    assert result.exit_code == 1
    assert "1 entrée de la liste blanche sans nom de domaine valable" in plain(result.stdout)
    assert "1 entrée de la liste blanche dont le certificat ne nomme pas un opérateur" in plain(result.stdout)


# compare


def test_two_extractions_are_compared_by_one_list(sample: Sample, tmp_path: Path) -> None:
    page, data = tmp_path / "page.html", tmp_path / "donnees.json"
    result = call(
        *("compare", sample.extraction, sample.extraction, "--liste-blanche", sample.white_list),
        *("--certificat", sample.certificate, "--html", page, "--out", data),
    )
    assert result.exit_code == 0
    assert "Aucun opérateur signalé." in result.stdout
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(data.read_text(encoding="utf-8"))["statistique"]["croissance_commune"] == "0.0000"


def test_two_proofs_are_compared_without_any_list(sample: Sample, tmp_path: Path) -> None:
    old, new = tmp_path / "a.json", tmp_path / "b.json"
    call("count", sample.extraction, "--liste-blanche", sample.white_list, "--out", old)
    proof = read_proof(old)
    proof["operateurs"][0]["bal"]["personnelles"] += 5000
    new.write_text(json.dumps(proof), encoding="utf-8")
    result = call("compare", old, new, "--format", "json")
    assert result.exit_code == 1
    (signal,) = [one for one in json.loads(result.stdout)["operateurs"] if one["signal"]]
    assert signal["operateur"] == "+".join(proof["operateurs"][0]["identifiants"])
    assert call("compare", new, old).exit_code == 1
    assert call("compare", old, old).exit_code == 0


def test_a_comparison_without_a_statistic_is_not_a_success(bench: Bench) -> None:
    path = bench.extraction(SOUND)
    result = call("compare", path, path, "--liste-blanche", bench.white_list(ENTRIES))
    assert result.exit_code == 1
    assert "trop peu pour une croissance" in plain(result.stdout)


def test_the_parameters_of_the_statistic_are_options(sample: Sample, tmp_path: Path) -> None:
    old, new = tmp_path / "a.json", tmp_path / "b.json"
    call("count", sample.extraction, "--liste-blanche", sample.white_list, "--out", old)
    proof = read_proof(old)
    boxes = max((one["bal"] for one in proof["operateurs"]), key=lambda bal: int(bal["personnelles"]))
    boxes["personnelles"] = boxes["personnelles"] * 103 // 100
    new.write_text(json.dumps(proof), encoding="utf-8")
    assert call("compare", old, new).exit_code == 0
    assert call("compare", old, new, "--seuil", "1,5").exit_code == 1
    assert call("compare", old, new, "--seuil", "1.5", "--effectif-minimal", "500000").exit_code == 1


# sample


def test_a_sample_is_written_and_its_files_named(tmp_path: Path) -> None:
    result = call(
        "sample", "--out", tmp_path, "--lines", "300", "--seed", "5", "--produite-le", "202506300415", "--zip"
    )
    assert result.exit_code == 0
    names = [
        "Extraction_Correspondance_MSSante_202506300415.zip",
        "listeblanchemssante.xml",
        "signataire.pem",
        "contenu.json",
    ]
    assert result.stdout.splitlines() == [str(tmp_path / name) for name in names]
    counted = call(
        *("count", tmp_path / names[0], "--liste-blanche", tmp_path / names[1]),
        *("--certificat", tmp_path / names[2], "--cloture", "2025-06-30"),
    )
    assert "signature vérifiée" in counted.stdout


# Refusals: one line of French, code 2, nothing written.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("count absent.txt --liste-blanche L", "absent.txt : le fichier ou le dossier n'existe pas"),
        ("count E --liste-blanche absente.xml", "absente.xml : le fichier ou le dossier n'existe pas"),
        ("count E --liste-blanche L --certificat absent.pem", "absent.pem : le fichier ou le dossier n'existe pas"),
        ("count L --liste-blanche L", "l'en-tête doit avoir 31 colonnes"),
        ("count E --liste-blanche E", "mal formé"),
        ("count E --liste-blanche L --certificat L", "pas un certificat"),
        ("count E --liste-blanche L --operateur 300099990400014", "aucun domaine de la liste"),
        ("count E --liste-blanche L --out P", "n'existe pas. Choisir un endroit où écrire"),
        ("count E --liste-blanche L --out E", "c'est un des fichiers à lire"),
        ("count E --liste-blanche L --out L", "c'est un des fichiers à lire"),
        ("compare E absent.txt --liste-blanche L", "absent.txt : le fichier ou le dossier n'existe pas"),
        ("compare J J", "ce n'est pas une preuve"),
        ("sample --out E", "Choisir un dossier où écrire"),
        ("sample --out D --lines 300 --domaines 5000", "300 lignes ne suffisent pas"),
    ],
)
def test_an_input_that_cannot_be_used_is_refused_in_one_line(bench: Bench, arguments: str, message: str) -> None:
    extraction, white_list = bench.extraction(SOUND), bench.white_list(ENTRIES)
    before = extraction.read_bytes(), white_list.read_bytes()
    named = {
        "E": extraction,
        "L": white_list,
        "J": bench.file("j.json", b"{}"),
        "D": bench.folder / "d",
        "P": bench.folder / "absent" / "preuve.json",
    }
    result = call(*(named.get(word, word) for word in arguments.split()))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.startswith("recevable : ")
    assert result.stderr.count("\n") == 1
    assert (extraction.read_bytes(), white_list.read_bytes()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "il manque un verbe : compare, count, sample"),
        ("compter", "verbe inconnu ; verbes : compare, count, sample"),
        ("count e.txt", "donner la liste blanche avec --liste-blanche XML"),
        ("compare a.txt b.txt", "donner la liste blanche avec --liste-blanche XML"),
        ("count e --liste-blanche l --operateur 39", "`39` n'est pas un identifiant d'opérateur"),
        ("count e --liste-blanche l --cloture 30/06/2025", "l'écrire AAAA-MM-JJ"),
        ("compare a b --seuil beaucoup", "`beaucoup` n'est pas un nombre"),
        ("compare a b --seuil 0", "n'est pas un nombre entre 0 et 1000"),
        ("compare a b --seuil NaN", "n'est pas un nombre entre 0 et 1000"),
        ("compare a b --effectif-minimal 0", "0 n'est pas entre 1 et"),
        ("sample --out d --lines 12", "12 n'est pas entre 200 et"),
        ("sample --out d --lines mille", "`mille` n'est pas un nombre entier"),
        ("sample --out d --produite-le 2025", "l'écrire AAAAMMJJhhmm"),
        ("sample --out d --produite-le 202513010000", "l'écrire AAAAMMJJhhmm"),
    ],
)
def test_wrong_usage_is_refused_with_what_to_write(arguments: str, message: str) -> None:
    result = call(*arguments.split())
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_file_that_could_not_be_written_whole_leaves_nothing_behind(bench: Bench) -> None:
    folder = bench.folder / "dossier"
    folder.mkdir()
    result = count(bench, SOUND, "--out", folder)
    assert result.exit_code == 2
    assert list(folder.iterdir()) == []
    assert not list(bench.folder.glob("tmp*"))


@pytest.mark.parametrize("missing", ["lxml", "signxml"])
def test_a_missing_library_is_named_with_what_to_install(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    extraction, white_list = bench.extraction(SOUND), bench.white_list(ENTRIES)
    certificate = bench.certificate
    for name in [
        name
        for name in sys.modules
        if name.split(".")[0] == missing or name.startswith("recevable.registers.annuaire.")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    from recevable.registers.annuaire.commands import annuaire as fresh

    arguments = ["count", str(extraction), "--liste-blanche", str(white_list), "--certificat", str(certificate)]
    result = CliRunner().invoke(fresh, arguments)
    assert result.exit_code == 2
    assert f"la bibliothèque {missing} n'est pas installée. Installer `recevable[annuaire]`." in result.stderr


def test_listing_the_commands_loads_neither_xml_nor_signatures() -> None:
    program = (
        "import sys\nfrom recevable.registers.annuaire.commands import annuaire\n"
        "try: annuaire(['--help'])\nexcept SystemExit: pass\n"
        "sys.exit(bool({'lxml', 'signxml', 'cryptography', 'zipfile'} & set(sys.modules)))"
    )
    assert run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("verb", ["count", "compare", "sample"])
def test_help_is_in_french_and_describes_every_option(verb: str) -> None:
    result = call(verb, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage : annuaire {verb}")
    command = annuaire.commands[verb]
    for parameter in command.params:
        assert parameter.param_type_name == "argument" or getattr(parameter, "help", None)
