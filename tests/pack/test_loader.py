"""From a folder to a pack: the manifest, the schema, the files, and all that stands in the way."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recevable.dossier.schema import read
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.loader import load

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder


def test_a_pack_holds_what_its_files_say(pack: PackFolder) -> None:
    found = load(pack.root)
    assert found.manifest.programme == "aide-velo"
    assert found.manifest.versions[0].start == date(2023, 1, 1)
    assert found.manifest.requests["aide"].amount == "prime"
    assert list(found.parameters) == ["prix_maximum", "part", "cloture", "jour_du_compte", "croissance", "assez"]
    assert list(found.rules)[:2] == ["AID-FACTURE", "AID-MAJEUR"]


def test_a_rule_holds_what_its_keys_say(pack: PackFolder) -> None:
    rule = load(pack.root).rules["AID-FACTURE"]
    assert (rule.kind, rule.title, rule.requests) == ("piece", "Facture du vélo", ("aide",))
    assert [word.text for word in rule.requirements] == ["REQ-1", "REQ-2"]
    assert (rule.source, rule.note, rule.party) == ("Arrêté, article 2", "La facture peut être numérique.", "demandeur")
    assert str(rule.span) == "regles/aide.yaml:4:9"
    assert len(rule.examples) == 2


def test_the_party_that_must_answer_may_be_another(pack: PackFolder) -> None:
    assert load(pack.root).rules["AID-RETARD-EXCUSE"].party == "asp"


def test_the_rules_of_all_files_come_in_the_order_of_their_names(pack: PackFolder) -> None:
    rule = "regles:\n  - {id: %s, titre: x, deduction: %s, vaut: demandeur.majeur, source: x}\n"
    pack.write("regles/a/premiere.yaml", rule % ("A", "a"))
    pack.write("regles/z.yaml", rule % ("Z", "z"))
    rules = list(load(pack.root).rules)
    assert (rules[0], rules[-1]) == ("A", "Z")


def test_every_yaml_file_of_the_pack_is_digested(pack: PackFolder) -> None:
    pack.write("exigences.yaml", "exigences: []\n")
    pack.write("pieges.yaml", "pieges: []\n")
    pack.write("scenarios/un.yaml", "scenarios: []\n")
    digests = load(pack.root).digests
    assert list(digests) == [
        "exigences.yaml", "parametres.yaml", "pieges.yaml", "programme.yaml", "regles/aide.yaml", "scenarios/un.yaml",
    ]  # fmt: skip
    assert digests["pieges.yaml"] == hashlib.sha256(b"pieges: []\n").hexdigest()


def test_a_folder_without_a_manifest_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError) as caught:
        load(tmp_path)
    assert caught.value.diagnostics[0].code == "PAQ-ABSENT"


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("regles/avance.yml", "Renommez-le `regles/avance.yaml`"),
        ("regles/avance.YAML", "Renommez-le `regles/avance.yaml`"),
        ("regles/avance.yaml.txt", "Renommez-le `regles/avance.yaml`"),
        ("regles/sous/avance.yaml.bak", "Sortez-le du paquet."),
        ("regles/aide.yml", "`regles/aide.yaml` existe déjà : réunissez-les ; sinon sortez-le du paquet."),
        ("regles/aide (1).yaml.txt", "Renommez-le `regles/aide (1).yaml`"),
        ("parametres.yml", "`parametres.yaml` existe déjà"),
        ("parametres.yaml.old", "Sortez-le du paquet."),
        ("regles/notes.docx", "Sortez-le du paquet."),
        ("regle/avance.yaml", "Les règles vont dans `regles/`"),
        ("avance.yaml", "Les règles vont dans `regles/`"),
        ("parametre.yaml", "`parametres.yaml` existe déjà"),
        ("exigences.yml", "Renommez-le `exigences.yaml`"),
        ("notes.txt", "sinon sortez-le du paquet"),
    ],
)
def test_a_file_that_nothing_reads_is_a_fault(pack: PackFolder, name: str, help: str) -> None:
    pack.write(name, "▸regles: []\n")
    fault = pack.fault()
    assert fault.code == "PAQ-FICHIER"
    assert help in fault.help


def test_a_copy_of_a_file_is_told_once_and_at_the_copy(pack: PackFolder) -> None:
    rules = (pack.root / "regles" / "aide.yaml").read_text("utf-8")
    assert rules.count("- id: ") >= 3
    pack.write("regles/aide - Copie.yaml", rules)
    (fault,) = pack.faults()
    assert (fault.code, str(fault.span)) == ("PAQ-DOUBLON", "regles/aide - Copie.yaml:1:1")
    assert "règles de `regles/aide - Copie.yaml` ont les identifiants de règles de `regles/aide.yaml`" in fault.message


@pytest.mark.parametrize(
    "name", [".DS_Store", ".git/HEAD", "regles/.aide.yaml.swp", "regles/aide.yaml~", "LISEZMOI.md", "regles/notes.md"]
)
def test_the_files_of_an_editor_or_of_a_reader_are_left_alone(pack: PackFolder, name: str) -> None:
    pack.write(name, "n'importe quoi : [")
    assert pack.faults() == []


def test_a_link_to_nowhere_is_a_fault(pack: PackFolder) -> None:
    (pack.root / "exigences.yaml").symlink_to(pack.root / "ailleurs.yaml")
    fault = pack.fault()
    assert (fault.code, fault.message) == ("YAML-LECTURE", "`exigences.yaml` n'existe pas")


def test_a_pack_without_a_rule_file_is_a_fault(pack: PackFolder) -> None:
    (pack.root / "regles/aide.yaml").unlink()
    fault = pack.fault()
    assert (fault.code, str(fault.span)) == ("PAQ-VIDE", "regles:1:1")


def test_a_rule_file_without_a_rule_is_a_fault(pack: PackFolder) -> None:
    pack.write("regles/vide.yaml", "regles: ▸[]\n")
    assert pack.fault().code == "PAQ-VIDE"


def test_a_rule_file_that_is_empty_is_a_fault(pack: PackFolder) -> None:
    pack.write("regles/vide.yaml", "▸")
    assert pack.fault().code == "YAML-VIDE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("▸- id: A\n", "PAQ-BLOC"),
        ("▸rien\n", "PAQ-BLOC"),
        ("regles:\n  - ▸rien\n", "PAQ-BLOC"),
        ("regles:\n  - ▸[a]\n", "PAQ-BLOC"),
        ("regles: ▸rien\n", "PAQ-LISTE"),
        ("▸regles:\n", "PAQ-LISTE"),
        ("▸regle:\n  - {id: A}\n", "PAQ-CLE-INCONNUE"),
    ],
)
def test_a_rule_file_that_is_no_list_of_rules_is_a_fault(pack: PackFolder, text: str, code: str) -> None:
    pack.write("regles/autre.yaml", text)
    assert pack.fault().code == code


def test_without_its_parameters_a_pack_is_refused(pack: PackFolder) -> None:
    (pack.root / "parametres.yaml").unlink()
    fault = pack.fault()
    assert (fault.code, fault.message) == ("YAML-LECTURE", "`parametres.yaml` n'existe pas")


def test_a_file_that_cannot_be_read_does_not_hide_the_others(pack: PackFolder) -> None:
    pack.write("regles/a.yaml", "regles: [")
    pack.edit("titre: Demandeur majeur", "titer: Demandeur majeur")
    assert [d.code for d in pack.faults()] == ["YAML-SYNTAXE", "PAQ-CLE-INCONNUE"]


def test_an_identifier_is_unique_over_all_files(pack: PackFolder) -> None:
    pack.write("regles/b.yaml", "regles:\n  - {id: ▸AID-MAJEUR, titre: x, deduction: a, vaut: vrai, source: x}\n")
    fault = pack.fault()
    assert "regles/aide.yaml:35:9" in fault.message


# --- manifest -------------------------------------------------------------------------------------------------------


_TEXT = "documents: [{nom: A, titre: Texte, sections: [art. 1],"
_MARKED = _TEXT.replace("{", "▸{")
_READ = 'consultee_le: "2024-03-01"'


@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        (
            "profil:",
            f"{_TEXT} adresse: ▸http://ex.fr/a, {_READ}}}]\nprofil:",
            "PAQ-ADRESSE",
            "`https://www.exemple.fr/page`",
        ),
        (
            "profil:",
            f"{_TEXT} adresse: ▸www.ex.fr, {_READ}}}]\nprofil:",
            "PAQ-ADRESSE",
            "`https://www.exemple.fr/page`",
        ),
        ("profil:", f'{_TEXT} adresse: ▸"https://ex.fr/a b", {_READ}}}]\nprofil:', "PAQ-ADRESSE", "sans espace"),
        ("profil:", f'{_MARKED} adresse: "https://ex.fr"}}]\nprofil:', "PAQ-CLE-MANQUANTE", "consultee_le"),
        ("profil:", f"{_MARKED} {_READ}}}]\nprofil:", "PAQ-CLE-MANQUANTE", "adresse"),
        ("profil:", f'{_TEXT} adresse: "https://ex.fr", consultee_le: ▸2024-02-30}}]\nprofil:', "PAQ-DATE", ""),
        ("profil:", "annees: {de: ▸99, a: 2050}\nprofil:", "PAQ-VALEUR", "Écrivez par exemple `1900`."),
        ("profil:", "annees: {de: 2000, a: ▸demain}\nprofil:", "PAQ-VALEUR", "Écrivez par exemple `1900`."),
        ("profil:", "annees: {de: 2050, a: ▸2049}\nprofil:", "PAQ-VALEUR", "`a` la dernière"),
        ("profil:", "annees: ▸{de: 2000}\nprofil:", "PAQ-CLE-MANQUANTE", "`a: …`"),
        ("profil:", "annees: ▸2000\nprofil:", "PAQ-BLOC", "clés de `annees`"),
        ("fuseau: Europe/Paris", "fuseau: ▸Europe/Pari", "PAQ-FUSEAU", "`Europe/Paris`"),
        ("fuseau: Europe/Paris", "fuseau: ▸Europe", "PAQ-FUSEAU", "`Europe/Paris`"),
        ("fuseau: Europe/Paris", 'fuseau: "▸\\0"', "YAML-CARACTERE", "Supprimez-le."),
        ("titre: Aide au vélo", "titre: Aide au v▸e\u0301lo", "YAML-CARACTERE", "Écrivez `é` d'un seul caractère."),
        ("titre: Aide au vélo", 'titre: "Aide au v▸e\\u0301lo"', "YAML-CARACTERE", "Écrivez `é` d'un seul caractère."),
        ("titre: Aide au vélo", "titre: ▸\u3164", "YAML-CARACTERE", "Supprimez-le."),
        ("racine: aide", "racine: ▸\u0430ide", "PAQ-CHAMP", "la lettre `\u0430` de l'alphabet cyrillique (U+0430)"),
        (
            "    racine: aide",
            "    ▸r\u0430cine: aide",
            "PAQ-CLE-INCONNUE",
            "la lettre `\u0430` de l'alphabet cyrillique",
        ),
        ("fuseau: Europe/Paris", "fuseau: ▸../../etc/passwd", "PAQ-FUSEAU", "`Europe/Paris`"),
        ("fuseau: Europe/Paris\n", "", "PAQ-CLE-MANQUANTE", "`fuseau: …`"),
        ("profil: demandeur.profil", "profil: ▸demandeur.profile", "PAQ-CHAMP", "`demandeur.profil`"),
        ("profil: demandeur.profil", "profil: ▸demandeur.nom", "PAQ-CHAMP", "`demandeur.profil`"),
        ("reception: aide.recue_le", "reception: ▸aide.reçue_le", "PAQ-CHAMP", "Écrivez `aide.recue_le`"),
        ("reception: aide.recue_le", "reception: ▸aide.nombre", "PAQ-CHAMP", "`instant`"),
        ("racine: aide", "racine: ▸aides", "PAQ-CHAMP", "`aide`"),
        ("racine: aide", "racine: ▸aide.facture", "PAQ-CHAMP", "`aide`"),
        ("racine: aide", "racine: ▸programme", "PAQ-CHAMP", "bloc du dossier"),
        ("montant_propose: prime", "montant_propose: ▸prim", "PAQ-DEMANDE", "`prime`"),
        ("montant_propose: prime", "montant_propose: ▸est_particulier", "PAQ-DEMANDE", "`montant`"),
        ("montant_propose: prime", "▸montant_proposé: prime", "PAQ-CLE-INCONNUE", "Écrivez `montant_propose`"),
        ('a_partir_du: "2023-01-01"', "a_partir_du: ▸01/01/2023", "PAQ-DATE", '"2023-01-01"'),
        ("  aide:\n", "  ▸recouvrement:\n", "PAQ-NOM", "autre nom"),
        ("  aide:\n", "  ▸aide-vélo:\n", "PAQ-NOM", "Écrivez `aide_velo`"),
        ("titre: Aide au vélo\n", "▸title: Aide au vélo\n", "PAQ-CLE-INCONNUE", "`titre`"),
        ("  asp: {nom", "  ▸demandeur: {nom", "PAQ-NOM", "autre nom"),
        ("  asp: {nom", "  ▸a.s.p: {nom", "PAQ-NOM", "lettres sans accent"),
        ("asp: {nom: l'ASP, a: à l'ASP}", "asp: ▸{nom: l'ASP}", "PAQ-CLE-MANQUANTE", "`a: …`"),
        ("asp: {nom: l'ASP, a: à l'ASP}", "asp: ▸l'ASP", "PAQ-BLOC", "`asp`"),
        ("chiffres: aide.facture", "chiffres: ▸aide.nombre", "PAQ-CHAMP", "`aide.facture`"),
        ("identifiant: demandeur.nom", "identifiant: ▸demandeur.non", "PAQ-CHAMP", "`demandeur.nom`"),
        ("cloture: jour_du_compte", "cloture: ▸cloture", "PAQ-CHAMP", "`date`"),
        ("seuil: croissance", "seuil: ▸croisance", "PAQ-CHAMP", "`croissance`"),
        ("effectif_minimal: assez", "effectif_minimal: ▸part", "PAQ-CHAMP", "`entier`"),
        ("    seuil: croissance\n", "", "PAQ-CLE-MANQUANTE", "`seuil: …`"),
        ("  registre: annuaire\n", "", "PAQ-CLE-MANQUANTE", "`registre: …`"),
        ("registre: annuaire", "registre: ▸anuaire", "PAQ-VALEUR", "`annuaire`"),
        (
            "    effectif_minimal: assez\n",
            "    effectif_minimal: assez\n    ▸plafond: assez\n",
            "PAQ-CLE-INCONNUE",
            "effectif_minimal",
        ),
    ],
)
def test_a_manifest_that_is_not_right_gives_one_diagnostic(
    pack: PackFolder, old: str, new: str, code: str, help: str
) -> None:
    fault = pack.slip(old, new, "programme.yaml")
    assert fault.code == code, fault
    assert help in fault.help


@pytest.mark.parametrize(("text", "code"), [("▸", "YAML-VIDE"), ("▸- a\n", "PAQ-BLOC"), ("a: [▸\n", "YAML-SYNTAXE")])
def test_a_manifest_that_cannot_be_read_is_told_alone(pack: PackFolder, text: str, code: str) -> None:
    pack.write("programme.yaml", text.replace("[▸", "▸["))
    pack.edit("titre: Demandeur majeur", "titer: Demandeur majeur")
    assert pack.fault().code == code


def test_a_request_that_holds_no_key_is_a_fault(pack: PackFolder) -> None:
    text = (pack.root / "programme.yaml").read_text("utf-8")
    start, end = text.index("  aide:\n"), text.index("preuve:")
    pack.write("programme.yaml", f"{text[:start]}  aide: ▸rien\n{text[end:]}")
    assert pack.fault().code == "PAQ-BLOC"


def test_a_programme_that_counts_nothing_needs_no_proof(pack: PackFolder) -> None:
    text = (pack.root / "programme.yaml").read_text("utf-8")
    pack.write("programme.yaml", text[: text.index("preuve:")])
    assert load(pack.root).manifest.proof is None


def test_a_slip_in_the_parameters_is_not_also_one_of_the_manifest(pack: PackFolder) -> None:
    fault = pack.slip("  croissance:\n    type: nombre\n", "  croissance:\n    type: ▸nombres\n", "parametres.yaml")
    assert fault.code == "PAQ-VALEUR"


def test_versions_come_in_the_order_of_their_dates(pack: PackFolder) -> None:
    line = '  - {version: "1", a_partir_du: "2023-01-01", source: Arrêté du 1er janvier 2023}\n'
    fault = pack.slip(line, line + line.replace("  - {", "  - ▸{"), "programme.yaml")
    assert fault.code == "PAQ-DATES"


def test_a_programme_has_at_least_one_request(pack: PackFolder) -> None:
    text = (pack.root / "programme.yaml").read_text("utf-8")
    pack.write("programme.yaml", text[: text.index("demandes:")] + "demandes: ▸{}\n")
    assert pack.fault().code == "PAQ-VIDE"


@pytest.mark.parametrize(("written", "years"), [("", (1900, 2100)), ("annees: {de: 2020, a: 2020}\n", (2020, 2020))])
def test_a_programme_bounds_the_years_of_its_dossiers(pack: PackFolder, written: str, years: tuple[int, int]) -> None:
    pack.edit("profil:", f"{written}profil:", "programme.yaml")
    assert load(pack.root).manifest.years == years


# --- schema ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["absent.schema.json", "../dossier.schema.json", "/etc/passwd", "regles", "a" * 300])
def test_a_schema_that_does_not_exist_is_a_fault_of_the_manifest(pack: PackFolder, name: str) -> None:
    fault = pack.slip("schema: dossier.schema.json", f"schema: ▸{name}", "programme.yaml")
    assert fault.code == "PAQ-SCHEMA"


@pytest.mark.parametrize(
    ("content", "place", "words", "help"),
    [
        (b'{"type" "object"}', "1:9", "`:` est attendu", ""),
        (b"", "1:1", "ce n'est pas un schéma JSON", "Un schéma est un objet JSON"),
        (b"[]", "1:1", "ce n'est pas un schéma JSON", "Un schéma est un objet JSON"),
        (b'{"maximum": NaN}', "1:13", "", ""),
        (b'{"type": "object",}', "1:18", "virgule en trop", "Supprimez"),
        (b'{"title": "a",\n "title": "b"}', "2:2", "`title` figure deux fois", "Gardez une seule"),
        (b'{"type": "objet"}', "1:10", "`objet` n'est pas un type", "`object`"),
        (b'{"type": ["object"]}', "1:10", "n'est pas un type", "Types : object, array"),
        (b'{"type": "object", "properties": {"a": {"type": "number"}}}', "1:49", "`number` n'est pas un type", "Types"),
        (b'{"propreties": {}}', "1:2", "mot-clé inconnu", "`properties`"),
        (b'{"anyOf": [{}, {"requierd": ["a"]}]}', "1:17", "`requierd`", "`required`"),
        (b'{"not": {"zzz": 1}}', "1:10", "`zzz`", "Les champs d'un objet se déclarent sous `properties`."),
        (b'{"$defs": {"x": {"format": "montnat"}}}', "1:28", "format inconnu : `montnat`", "`montant`"),
    ],
)
def test_a_slip_in_the_schema_is_told_at_its_place(
    pack: PackFolder, content: bytes, place: str, words: str, help: str
) -> None:
    (pack.root / "dossier.schema.json").write_bytes(content)
    fault = pack.fault()
    assert (fault.code, str(fault.span)) == ("PAQ-SCHEMA", f"dossier.schema.json:{place}")
    assert words in fault.message
    assert help in fault.help


@pytest.mark.parametrize(
    "content",
    [
        b'{"type": "object", "x-note": 1}',
        b'{"type": "object", "properties": {"zzz": {"enum": ["a"]}}}',
        b'{"type": "object", "properties": {"zzz": {"type": "string", "format": "uri"}}}',
    ],
)
def test_a_schema_may_hold_notes_and_formats_of_others(content: bytes) -> None:
    assert read(content, "s.json") == json.loads(content)


def test_the_schema_may_lie_in_the_folder_of_schemas_next_to_the_rules(pack: PackFolder) -> None:
    shared = pack.root.parent.parent / "schemas" / "aide-velo"
    shared.mkdir(parents=True)
    (pack.root / "dossier.schema.json").rename(shared / "dossier.schema.json")
    pack.edit("schema: dossier", "schema: aide-velo/dossier", "programme.yaml")
    assert pack.faults() == []


def test_the_schema_beside_the_pack_comes_before_the_shipped_one(pack: PackFolder) -> None:
    (pack.root / "af-ope-mss").mkdir()
    (pack.root / "dossier.schema.json").rename(pack.root / "af-ope-mss" / "dossier.schema.json")
    pack.edit("schema: dossier", "schema: af-ope-mss/dossier", "programme.yaml")
    assert load(pack.root).schema["properties"]["programme"]["const"] == "aide-velo"


def test_the_schema_of_the_pack_is_kept_whole(pack: PackFolder) -> None:
    assert load(pack.root).schema == json.loads((pack.root / "dossier.schema.json").read_bytes())
