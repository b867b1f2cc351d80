"""The slips of a person who does not program: one diagnostic each, at its place, saying what to write instead.

The first ten are the ones promised; the others are their neighbours.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recevable.data import shipped
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

TITLE = "    titre: Demandeur majeur\n"


def test_the_pack_that_is_slipped_in_is_right(pack: PackFolder) -> None:
    assert pack.faults() == []


# --- the ten --------------------------------------------------------------------------------------------------------


def test_a_line_indented_too_far_is_aligned_with_its_neighbour(pack: PackFolder) -> None:
    fault = pack.slip(TITLE, "     ▸titre: Demandeur majeur\n")
    assert fault.code == "YAML-SYNTAXE"
    assert "`titre`" in fault.message
    assert "Alignez `titre` sur `id`" in fault.help


def test_a_misspelt_key_is_not_also_a_missing_one(pack: PackFolder) -> None:
    fault = pack.slip(TITLE, "    ▸titer: Demandeur majeur\n")
    assert fault.code == "PAQ-CLE-INCONNUE"
    assert fault.help == "Vouliez-vous dire `titre` ?"


def test_non_is_not_a_boolean(pack: PackFolder) -> None:
    fault = pack.slip("defaut_maison: true", "defaut_maison: ▸non", "parametres.yaml")
    assert fault.code == "PAQ-BOOLEEN"
    assert "`false`" in fault.help


def test_a_number_takes_a_point_and_not_a_comma(pack: PackFolder) -> None:
    fault = pack.slip('valeur: "2500.50"', 'valeur: ▸"2500,50"', "parametres.yaml")
    assert fault.code == "PAQ-VALEUR"
    assert '`"2500.50"`' in fault.help


def test_a_date_starts_with_the_year(pack: PackFolder) -> None:
    fault = pack.slip(
        'a_partir_du: "2023-01-01", valeur: "0.20"', 'a_partir_du: ▸31/07/2023, valeur: "0.20"', "parametres.yaml"
    )
    assert fault.code == "PAQ-DATE"
    assert '`"2023-07-31"`' in fault.help


def test_a_missing_quote_is_shown_where_the_other_is(pack: PackFolder) -> None:
    fault = pack.slip('message: "La facture n\'est pas jointe."', "message: ▸\"La facture n'est pas jointe.")
    assert fault.code == "YAML-SYNTAXE"
    assert 'Ajoutez `"`' in fault.help


def test_a_duplicated_identifier_is_shown_with_the_first_one(pack: PackFolder) -> None:
    fault = pack.slip("id: AID-DELAI", "id: ▸AID-MAJEUR")
    assert fault.code == "PAQ-DOUBLON"
    assert "aide.yaml:35:9" in fault.message


def test_a_key_has_no_accent(pack: PackFolder) -> None:
    fault = pack.slip('reparation: "Joindre la facture"', '▸réparation: "Joindre la facture"')
    assert fault.code == "PAQ-CLE-INCONNUE"
    assert fault.help == "Écrivez `reparation`, sans accent ni espace."


def test_a_tab_is_replaced_with_spaces(pack: PackFolder) -> None:
    fault = pack.slip(TITLE, "▸\ttitre: Demandeur majeur\n")
    assert fault.code == "YAML-TABULATION"
    assert "espaces" in fault.help


def test_a_date_is_not_compared_with_an_amount(pack: PackFolder) -> None:
    fault = pack.slip("condition: demandeur.majeur = vrai", "condition: demandeur.ne_le > ▸prix_maximum")
    assert fault.code == "EXP-TYPE"
    assert fault.message == "impossible de comparer `date` et `montant`"
    assert "une date, comme `2023-06-30`" in fault.help


SHIPPED = [
    ("regles/avance.yaml", r"    titre: ", "      titre: "),
    ("regles/avance.yaml", r"consequence:", "consequense:"),
    ("parametres.yaml", r"    defaut_maison: true", "    defaut_maison: non"),
    ("parametres.yaml", r'valeur: "(\d+)\.(\d+)"', r'valeur: "\1,\2"'),
    ("parametres.yaml", r'a_partir_du: "(\d+)-(\d+)-(\d+)"', r"a_partir_du: \3/\2/\1"),
    ("regles/avance.yaml", r'(message: "[^"\n]*)"', r"\1"),
    ("regles/avance.yaml", r"id: AVA-FORMULAIRE\b", "id: DEM-ENROLEMENT"),
    ("regles/avance.yaml", r"    demandes:", "    demandés:"),
    ("regles/avance.yaml", r"    source:", "\tsource:"),
    ("regles/avance.yaml", r"quand: ", "quand: avance.recue_le > plafond et "),
]


@pytest.mark.parametrize(("name", "pattern", "slip"), SHIPPED)
def test_a_slip_in_the_shipped_pack_is_told_once_on_its_line(
    tmp_path: Path, name: str, pattern: str, slip: str
) -> None:
    folder = tmp_path / "rules" / "af-ope-mss"
    shutil.copytree(shipped("rules") / "af-ope-mss", folder)
    text = (folder / name).read_text("utf-8")
    found = re.search(pattern, text)
    assert found is not None
    (folder / name).write_text(text[: found.start()] + found.expand(slip) + text[found.end() :], "utf-8")
    with pytest.raises(DiagnosticError) as caught:
        CompiledPack(load(folder)).verify()
    (fault,) = caught.value.diagnostics
    assert fault.span is not None
    assert (fault.span.file, fault.span.line) == (name, text.count("\n", 0, found.start()) + 1)
    assert fault.help


# --- indentation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        (TITLE, "   ▸titre: Demandeur majeur\n", "Alignez `titre` sur `id` de la ligne 35 (4 espaces devant)"),
        (TITLE, "▸titre: Demandeur majeur\n", "Alignez `titre` sur `id` de la ligne 35 (4 espaces devant)"),
        ("  - id: AID-DELAI", " ▸- id: AID-DELAI", "Alignez ce tiret sur le tiret de la ligne 35 (2 espaces devant)"),
        ("  - id: AID-DELAI", "   ▸- id: AID-DELAI", "Alignez ce tiret sur le tiret de la ligne 35 (2 espaces devant)"),
        ("  - id: AID-DELAI", "    ▸id: AID-DELAI", "Écrivez `- id: …`"),
        ("  - id: AID-DELAI", "  ▸-id: AID-DELAI", "Écrivez `- id: AID-DELAI`"),
        (
            "      reparation:",
            "        ▸reparation:",
            "Alignez `reparation` sur `message` de la ligne 10 (6 espaces devant)",
        ),
        ("      reparation:", "    ▸reparation:", "Décalez la ligne de 2 espaces vers la droite."),
        ("      reparation:", "     ▸reparation:", "`message` de la ligne 10 (6 espaces devant)"),
        (
            '    source: "Arrêté, article 2"',
            '      ▸source: "Arrêté, article 2"',
            "`exigences` de la ligne 25 (4 espaces devant)",
        ),
    ],
)
def test_a_shifted_line_is_put_back(pack: PackFolder, old: str, new: str, help: str) -> None:
    assert help in pack.slip(old, new).help


def test_a_block_whose_lines_were_not_indented_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip(
        '      consequence: completer\n      message: "La facture n\'est pas jointe."\n      reparation:',
        '    ▸consequence: completer\n    message: "La facture n\'est pas jointe."\n    reparation:',
    )
    assert fault.code == "PAQ-INDENTATION"
    assert "sous `si_absente`" in fault.message
    assert "`consequence`, `message`, `reparation`" in fault.help


def test_a_required_line_that_slid_out_of_its_block_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip(
        '      message: "La facture est trop ancienne."\n', '    ▸message: "La facture est trop ancienne."\n'
    )
    assert fault.code == "PAQ-INDENTATION"
    assert "`si_perimee`" in fault.message
    assert "2 espaces vers la droite" in fault.help


def test_a_required_key_left_out_of_the_braces_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip(
        'si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}',
        'si_faux: {consequence: rejeter}\n    ▸message: "Le demandeur est mineur."',
    )
    assert fault.code == "PAQ-INDENTATION"
    assert "entre les accolades de `si_faux`" in fault.help


def test_a_line_that_slid_into_the_block_above_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip(
        '    exigences: [REQ-1, REQ-2]\n    source: "Arrêté, article 2"\n', '      ▸source: "Arrêté, article 2"\n'
    )
    assert fault.code == "PAQ-INDENTATION"
    assert "de la règle `AID-FACTURE`, non de `si_perimee`" in fault.message
    assert "2 espaces vers la gauche" in fault.help


def test_a_line_read_as_the_end_of_a_text_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip("    nom: prime\n", "      ▸nom: prime\n")
    assert fault.code == "PAQ-INDENTATION"
    assert "pris dans le texte qui commence ligne 66" in fault.message


def test_a_key_of_a_rule_written_between_braces_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip(
        'message: "Le demandeur est mineur."}\n    exigences: [REQ-1]\n    source: "Arrêté, article 1"\n',
        'message: "Le demandeur est mineur.", ▸source: "Arrêté, article 1"}\n    exigences: [REQ-1]\n',
    )
    assert "hors des accolades" in fault.help


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("    condition:", "    ▸conditon:", "Vouliez-vous dire `condition` ?"),
        ("    condition:", "    ▸Condition:", "Écrivez `condition`."),
        ("    si_faux:", "    ▸si faux:", "Écrivez `si_faux`"),
        ("    quand: est_particulier", "    ▸quan: est_particulier", "Vouliez-vous dire `quand` ?"),
        ("    quand: est_particulier", "    quand: ▸est_particuler", "Vouliez-vous dire `est_particulier` ?"),
        ("titre: Demandeur majeur", "▸titre Demandeur majeur", "Écrivez `titre: …`"),
        ("titre: Demandeur majeur", "titre▸:Demandeur majeur", "Écrivez `titre: Demandeur majeur`"),
        ("titre: Demandeur majeur", "titre: Demandeur ▸: majeur", 'Écrivez `"Demandeur : majeur"`.'),
        ('consequence: rejeter, message: "Le d', 'consequence: ▸rejetter, message: "Le d', "dire `rejeter`"),
        ('consequence: rejeter, message: "Le d', 'consequence: ▸Rejeter, message: "Le d', "Écrivez `rejeter`."),
        ("modalite: obligatoire", "modalite: ▸obligatoir", "Vouliez-vous dire `obligatoire` ?"),
        ("id: AID-MAJEUR", "id: ▸AID-MAJEUR-É", "Écrivez `AID-MAJEUR-E` : majuscules"),
        ("nom: prime", "nom: ▸prime_à_verser", "Écrivez `prime_a_verser`"),
        ("exception_a: AID-DELAI", "exception_a: ▸AID-DELAIS", "Vouliez-vous dire `AID-DELAI` ?"),
        ("demandeur.majeur = vrai", "demandeur.majeur = ▸true", "`vrai`"),
        ("{demandeur.nom}", "{▸demandeur.nm}", "Vouliez-vous dire `demandeur.nom`"),
    ],
)
def test_a_word_that_is_not_right_is_given_right(pack: PackFolder, old: str, new: str, help: str) -> None:
    assert help in pack.slip(old, new).help


@pytest.mark.parametrize("word", ["true", "false"])
def test_a_rule_gives_the_reason_of_its_choice_and_not_only_that_it_is_one(pack: PackFolder, word: str) -> None:
    fault = pack.slip(TITLE, f"{TITLE}    defaut_maison: ▸{word}\n")
    assert fault.code == "PAQ-TEXTE"
    assert "raison" in fault.message


def test_an_empty_reason_is_none(pack: PackFolder) -> None:
    assert pack.slip(TITLE, f"{TITLE}    ▸defaut_maison:\n").code == "PAQ-TEXTE"


# --- numbers, dates, booleans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ('valeur: "2500.50"', "valeur: ▸2500.50", '`"2500.50"`'),
        ('valeur: "2500.50"', "valeur: ▸2500,50", '`"2500.50"`'),
        ('valeur: "2500.50"', 'valeur: ▸"2 500,50 €"', '`"2500.50"`'),
        ('valeur: "2500.50"', "valeur: ▸“2500.50”", '`"2500.50"`'),
        ('valeur: "2500.50"', 'valeur: 2500.50▸"', '`"2500.50"`'),
        ('valeur: "0.20"', 'valeur: ▸"20"', '`"0.2"`'),
        ('valeur: "0.20"', 'valeur: ▸"20 %"', '`"0.2"`'),
        ('valeur: "0.20"', "valeur: ▸0.20", '`"0.20"`'),
        ('jusqu_au: "2030-12-31"', "jusqu_au: ▸31/12/2030", '`"2030-12-31"`'),
        ('jusqu_au: "2030-12-31"', "jusqu_au: ▸31 décembre 2030", '`"2030-12-31"`'),
        ('jusqu_au: "2030-12-31"', "jusqu_au: ▸toujours", "`ouvert`"),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"26/07/2023 14h"', '`"2023-07-26T14:00:00"`'),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"2023-07-26"', '`"2023-07-26Thh:mm:ss"`'),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"2023-07-26T24:00:00"', '`"2023-07-27T00:00:00"`'),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"2023-07-26T25:00:00"', "Les heures vont de 00 à 23"),
        (
            'valeur: "2023-07-26T14:00:00"',
            'valeur: ▸"2023-02-29T14:00:00"',
            "Février 2023 a 28 jours : corrigez la date.",
        ),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"2023-26-07T14:00:00"', '`"2023-07-26T14:00:00"` si le mois'),
        ('valeur: "2023-07-26T14:00:00"', 'valeur: ▸"en juillet"', "Un instant s'écrit AAAA-MM-JJThh:mm:ss"),
        ('jusqu_au: "2030-12-31"', 'jusqu_au: ▸"2030-31-12"', '`"2030-12-31"` si le mois et le jour sont échangés'),
        ('jusqu_au: "2030-12-31"', 'jusqu_au: ▸"2029-02-29"', "Février 2029 a 28 jours : corrigez le jour."),
        ('jusqu_au: "2030-12-31"', 'jusqu_au: ▸"30-12-31"', "`2030-12-31` ou `2031-12-30`"),
        ('jusqu_au: "2030-12-31"', 'jusqu_au: ▸"2030-12-31T00:00:00"', "`\"2030-12-31\"` : une date n'a pas d'heure."),
        ("defaut_maison: true", 'defaut_maison: ▸"true"', "sans guillemets"),
        ("defaut_maison: true", "defaut_maison: ▸vrai", "Écrivez `true`"),
        ("defaut_maison: true", "defaut_maison: ▸peut-être", "`true` ou `false`"),
    ],
)
def test_a_value_written_out_of_habit_is_given_right(pack: PackFolder, old: str, new: str, help: str) -> None:
    assert help in pack.slip(old, new, "parametres.yaml").help


@pytest.mark.parametrize(
    ("new", "help"),
    [
        ("aide.recue_le > ▸31/07/2023", "2023-07-31"),
        ("aide.facture.prix > 58▸,33", "58.33"),
        ("aide.nombre > 1 ▸&& demandeur.majeur = vrai", "`et`"),
        ("demandeur.nom = ▸'Durand'", '`"Durand"`'),
        ('demandeur.nom = ▸"Durand', "fermez chaque guillemet"),
    ],
)
def test_an_expression_written_out_of_habit_is_given_right(pack: PackFolder, new: str, help: str) -> None:
    assert help in pack.slip("quand: aide.nombre > 10", f"quand: {new}").help


# --- lists, dashes and lost lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("▸aide, recouvrement", "Écrivez `demandes: [aide, recouvrement]`."),
        ("▸aide ; recouvrement", "Écrivez `demandes: [aide, recouvrement]`."),
        ("▸aide et recouvrement", "Séparez-les par des virgules, entre crochets : `[aide, recouvrement]`."),
        ("[▸aide recouvrement]", "Séparez-les par des virgules, entre crochets : `[aide, recouvrement]`."),
        ("[▸aide ; recouvrement]", "Séparez-les par des virgules, entre crochets : `[aide, recouvrement]`."),
    ],
)
def test_several_requests_are_written_in_brackets(pack: PackFolder, written: str, help: str) -> None:
    fault = pack.slip(f"{TITLE}    demandes: [aide]\n", f"{TITLE}    demandes: {written}\n")
    assert fault.help == help


@pytest.mark.parametrize("word", ["indû", "indus", "Indu"])
def test_the_kind_of_a_rule_is_told_by_all_its_keys(pack: PackFolder, word: str) -> None:
    fault = pack.slip("    indu: controle est present\n", f"    ▸{word}: controle est present\n")
    assert fault.code == "PAQ-CLE-INCONNUE"
    assert "`indu`" in fault.help


@pytest.mark.parametrize(("key", "rest"), [("titre", ": Demandeur majeur"), ("quand", ": est_particulier")])
def test_a_stray_dash_is_told_once_where_it_is(pack: PackFolder, key: str, rest: str) -> None:
    fault = pack.slip(f"    {key}{rest}\n", f"  ▸- {key}{rest}\n")
    assert fault.code == "PAQ-INDENTATION"
    assert fault.message == "ce tiret coupe en deux la règle `AID-MAJEUR`"
    assert fault.help == f"Remplacez-le par une espace : `{key}` s'aligne sur `id` (ligne 35)."


def test_a_dash_too_many_is_told_with_the_line_to_write(pack: PackFolder) -> None:
    fault = pack.slip("  - id: AID-MAJEUR\n", "  ▸- - id: AID-MAJEUR\n")
    assert (fault.message, fault.help) == ("un tiret est de trop sur cette ligne", "Écrivez `- id: AID-MAJEUR`.")


def test_an_erased_first_line_is_asked_for_once(pack: PackFolder) -> None:
    fault = pack.slip(f"  - id: AID-MAJEUR\n{TITLE}", TITLE.replace("titre", "▸titre"))
    assert fault.code == "YAML-DOUBLON"
    assert fault.help == "Si un autre élément commence ici, ajoutez au-dessus sa première ligne, `- id: …`."


def test_the_erased_first_line_of_the_first_rule_is_asked_for(pack: PackFolder) -> None:
    fault = pack.slip("  - id: AID-FACTURE\n    titre: Facture", "    ▸titre: Facture")
    assert fault.message == "il manque la première ligne de cet élément, `- id: …`"


def test_a_key_given_twice_in_one_rule_is_not_taken_for_a_lost_line(pack: PackFolder) -> None:
    fault = pack.slip(TITLE, f"{TITLE}    ▸titre: Encore\n")
    assert fault.help == "Gardez une seule des deux."


def test_two_values_of_one_day_are_told(pack: PackFolder) -> None:
    fault = pack.slip('▸"2024-01-01", valeur'[1:], '▸"2023-01-01", valeur', "parametres.yaml")
    assert fault.message == "deux valeurs de `prix_maximum` commencent le même jour, 2023-01-01"


# --- words and files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "meant"), [("refuser", "rejeter"), ("avertir", "signaler")])
def test_an_everyday_word_is_answered_with_that_of_the_rules(pack: PackFolder, word: str, meant: str) -> None:
    fault = pack.slip(
        '{consequence: rejeter, message: "Le demandeur', f'{{consequence: ▸{word}, message: "Le demandeur'
    )
    assert fault.help == f"Écrivez `{meant}`."


def test_a_brace_that_is_not_closed_is_told_before_what_follows_it(pack: PackFolder) -> None:
    fault = pack.slip("{demande.recue_le}, après", "▸{demande.recue_le, après")
    assert (fault.message, fault.help) == ("`{` n'est jamais fermé", "Écrivez `{demande.recue_le}`.")


def test_a_missing_comma_is_told_where_it_is_missing(pack: PackFolder) -> None:
    fault = pack.slip('consequence: rejeter, message: "Le demandeur', 'consequence: rejeter▸ message: "Le demandeur')
    assert fault.message == "il manque une virgule devant `message`"


def test_a_file_of_a_word_processor_is_named(pack: PackFolder) -> None:
    (pack.root / "regles" / "~$aide.yaml").write_bytes(b"\x05\x00agent")
    fault = pack.fault()
    assert fault.code == "PAQ-FICHIER"
    assert "fichier temporaire d'un traitement de texte" in fault.message


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-16", "le fichier est en UTF-16"), ("cp1252", "sans doute en Windows-1252 (`règles`)")],
)
def test_the_encoding_of_a_file_is_named(pack: PackFolder, encoding: str, said: str) -> None:
    path = pack.root / "regles" / "aide.yaml"
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    fault = pack.fault()
    assert fault.code == "YAML-ENCODAGE"
    assert said in fault.message
    assert "UTF-8" in fault.help


# --- quotes and brackets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        (
            'message: "La facture est trop ancienne."',
            'message: La facture est trop ancienne.▸"',
            'Écrivez `"La facture',
        ),
        ("titre: Demandeur majeur", "titre: 'Demandeur d▸'âge'", "guillemets doubles"),
        ("titre: Demandeur majeur", 'titre: "Demandeur" ▸majeur', "guillemets simples"),
        ("titre: Demandeur majeur", "titre: ▸[Demandeur] majeur", "Mettez tout le texte entre guillemets."),
        ("titre: Demandeur majeur", "titre: ▸{demandeur} majeur", "entre guillemets un texte qui commence par `{`"),
        ("titre: Demandeur majeur", "titre: ▸@majeur", "entre guillemets"),
        ("titre: Demandeur majeur", "titre: ▸*majeur", "entre guillemets un texte qui commence par `&` ou `*`"),
        ("titre: Demandeur majeur", "titre: ▸> 18 ans", "entre guillemets"),
        ("titre: Demandeur majeur", "titre: ▸!majeur", "`non`"),
        ("titre: Demandeur majeur", "titre: ▸- majeur", "Allez à la ligne"),
        ("exigences: [REQ-1, REQ-2]", "exigences: ▸[REQ-1, REQ-2", "Ajoutez `]`"),
        ("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, REQ-2]▸]", "Supprimez-le."),
        ("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, REQ-2▸}", "Écrivez `]`."),
        ('{pas: "0.01", sens:', '{pas: "0.01" ▸sens:', "Séparez les éléments par `, `"),
        ('{pas: "0.01", sens:', '{pas: ▸"0.01, sens:', 'Ajoutez `"`'),
        ('{pas: "0.01", sens:', '{pas: "0.01", ▸sens', "Écrivez `sens: …`."),
    ],
)
def test_a_quote_or_a_bracket_astray_is_shown(pack: PackFolder, old: str, new: str, help: str) -> None:
    if new.endswith("sens"):
        old, new = f"{old} demi_superieur", f"{new}"
    assert help in pack.slip(old, new).help


def test_a_text_cut_by_a_comma_between_braces_is_one_slip(pack: PackFolder) -> None:
    fault = pack.slip('source: "Arrêté, article 3"', "source: ▸Arrêté, article 3", "parametres.yaml")
    assert 'Écrivez `"Arrêté, article 3"`' in fault.help
