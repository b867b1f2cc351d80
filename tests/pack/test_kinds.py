"""Every kind of rule: what is read of it, the questions it asks, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recevable.language.unparse import unparse
from recevable.pack.examples import answers
from recevable.pack.kinds import KINDS
from recevable.pack.loader import load
from recevable.pack.model import Cause, Check, Consequence, Outcome, Result, Rounding, Rule

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

    from recevable.pack.compiled import CompiledPack


def checks_of(compiled: CompiledPack, rule: str) -> dict[str, Check]:
    contexts = (compiled.context(name) for name in compiled.context_names)
    return {check.cause: check for context in contexts for check in context.checks if check.rule == rule}


def chain(check: Check) -> list[tuple[str, str, str, str]]:
    """Each test of a check, and its outcome when true, false and unknown."""
    return [(unparse(s.test), said(s.true), said(s.false), said(s.unknown)) for s in check.steps]


def said(outcome: Outcome | None) -> str:
    return str(outcome) if outcome else ""


def rule_of(compiled: CompiledPack, rule: str) -> Rule:
    return compiled.pack.rules[rule]


def test_the_kinds_are_in_the_order_of_the_documentation() -> None:
    kinds = ["piece", "condition", "delai", "montant", "calcul", "deduction", "appreciation", "indu"]
    assert list(KINDS) == kinds


# --- piece ----------------------------------------------------------------------------------------------------------


def test_a_piece_has_a_check_for_its_absence_and_one_for_each_defect(compiled: CompiledPack) -> None:
    assert list(checks_of(compiled, "AID-FACTURE")) == ["absente", "illisible", "trop_chere", "perimee"]


def test_the_absence_of_a_piece_is_a_failure(compiled: CompiledPack) -> None:
    assert chain(checks_of(compiled, "AID-FACTURE")["absente"]) == [
        ("aide.facture est present", "satisfait", "non_satisfait:absente", "manquant")
    ]


def test_no_defect_is_looked_for_in_a_piece_that_is_absent(compiled: CompiledPack) -> None:
    assert chain(checks_of(compiled, "AID-FACTURE")["illisible"]) == [
        ("aide.facture est present", "", "sans_objet", "manquant"),
        ("aide.facture.lisible = faux", "non_satisfait:illisible", "satisfait", "manquant"),
    ]


def test_each_cause_has_its_own_consequence(compiled: CompiledPack) -> None:
    causes = rule_of(compiled, "AID-FACTURE").causes
    assert {cause.name: cause.consequence for cause in causes} == {
        "absente": Consequence.COMPLETE,
        "illisible": Consequence.COMPLETE,
        "trop_chere": Consequence.REJECT,
        "perimee": Consequence.REJECT,
    }


def test_a_repair_is_kept_as_written(compiled: CompiledPack) -> None:
    cause = rule_of(compiled, "AID-FACTURE").cause("absente")
    assert (cause.repair, cause.message.text) == ("Joindre la facture", "La facture n'est pas jointe.")


# --- condition, delai -----------------------------------------------------------------------------------------------


def test_a_condition_that_may_not_apply_is_asked_about_first(compiled: CompiledPack) -> None:
    assert chain(checks_of(compiled, "AID-MAJEUR")["faux"]) == [
        ("est_particulier", "", "sans_objet", "manquant"),
        ("demandeur.majeur = vrai", "satisfait", "non_satisfait:faux", "manquant"),
    ]


def test_the_last_second_of_a_deadline_is_in_time(compiled: CompiledPack) -> None:
    assert chain(checks_of(compiled, "AID-DELAI")["depasse"])[-1] == (
        "aide.recue_le <= cloture",
        "satisfait",
        "non_satisfait:depasse",
        "manquant",
    )


def test_an_exception_takes_the_rule_off_where_it_applies(compiled: CompiledPack) -> None:
    opening = chain(checks_of(compiled, "AID-DELAI")["depasse"])[0]
    assert opening == ("non aide.nombre > 10", "", "sans_objet", "manquant")


def test_a_rule_says_why_it_settles_what_the_text_leaves_open(pack: PackFolder) -> None:
    pack.edit("titre: Demandeur majeur\n", "titre: Demandeur majeur\n    defaut_maison: Le texte ne dit pas quand.\n")
    loaded = load(pack.root)
    assert {r.id: r.house_default for r in loaded.rules.values() if r.house_default} == {
        "AID-MAJEUR": "Le texte ne dit pas quand."
    }


# --- montant, deduction ---------------------------------------------------------------------------------------------


def test_an_amount_keeps_its_rounding_and_the_appraisals_it_depends_on(compiled: CompiledPack) -> None:
    defined = rule_of(compiled, "AID-PRIME").defined
    assert defined is not None
    assert defined.rounding == Rounding("0.01", "demi_superieur")
    assert [word.text for word in defined.subject_to] == ["AID-RETARD-EXCUSE"]


def test_an_amount_without_a_type_is_an_amount_of_money(compiled: CompiledPack) -> None:
    assert compiled.names["prime"][1].kind == "montant"


def test_a_deduction_is_a_name_for_an_expression(compiled: CompiledPack) -> None:
    definition = next(d for d in compiled.context("aide").definitions if d.name == "est_particulier")
    assert definition.deduction is not None
    assert unparse(definition.deduction) == 'demandeur.profil = "particulier"'


def test_neither_asks_a_question(compiled: CompiledPack) -> None:
    assert checks_of(compiled, "AID-PRIME") == checks_of(compiled, "DED-PARTICULIER") == {}


# --- appreciation, indu ---------------------------------------------------------------------------------------------


def test_an_appraisal_waits_for_a_recorded_answer(compiled: CompiledPack) -> None:
    check = checks_of(compiled, "AID-RETARD-EXCUSE")[""]
    assert str(check.final) == "a_apprecier"
    assert chain(check)[1:] == [
        ('reponse("AID-RETARD-EXCUSE") = "oui"', "satisfait", "", "a_apprecier"),
        ('reponse("AID-RETARD-EXCUSE") = "non"', "non_satisfait:non", "", "a_apprecier"),
    ]


def test_a_recovery_asks_for_the_case_then_for_the_step(compiled: CompiledPack) -> None:
    check = checks_of(compiled, "REC-CONTROLE")[""]
    assert chain(check) == [
        ("controle est present", "", "sans_objet", "manquant"),
        ("controle.constate_le est absent", "a_apprecier:constat", "", "manquant"),
    ]
    assert str(check.final) == "a_apprecier:ordre"


def test_a_step_that_closes_a_recovery_says_so(pack: PackFolder, compiled: CompiledPack) -> None:
    pack.edit("resultat: a_apprecier}", "resultat: satisfait}")
    steps: tuple[Cause, ...] = load(pack.root).rules["REC-CONTROLE"].causes
    assert [step.result for step in steps] == [Result.SATISFIED, Result.TO_APPRAISE]


def test_an_example_may_expect_of_a_recovery_what_its_steps_give_and_nothing_else(pack: PackFolder) -> None:
    pack.edit("resultat: a_apprecier}", "resultat: satisfait}")
    plain = [str(result) for result in Result]
    assert answers(load(pack.root).rules["REC-CONTROLE"]) == [*plain, "satisfait:constat", "a_apprecier:ordre"]


MINOR = 'si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}'


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        # piece
        ("piece: aide.facture", "piece: ▸aide.factur", "EXP-NOM", "champ inconnu : `aide.factur`"),
        ("piece: aide.facture", "▸piece:", "PAQ-TEXTE", "`piece` est vide"),
        ("cause: illisible", "cause: ▸absente", "PAQ-CAUSE", "sa propre clé"),
        ("cause: illisible", "cause: ▸pas-lisible", "PAQ-NOM", "nommer une cause"),
        ("cause: trop_chere", "cause: ▸illisible", "PAQ-CAUSE", "deux fois"),
        ("si: aide.facture.lisible = faux", "si: ▸aide.facture.prix", "EXP-TYPE", "`booleen` attendu"),
        ("      consequence: completer\n      message: \"La facture n'est pas jointe.\"\n",
         "      ▸message: \"La facture n'est pas jointe.\"\n", "PAQ-CLE-MANQUANTE", "`consequence`"),
        ("        si: aide.facture.lisible = faux\n", "", "PAQ-CLE-MANQUANTE", "la clé `si`"),
        # condition
        ("condition: demandeur.majeur = vrai", "condition: ▸demandeur.nom", "EXP-TYPE", "`booleen` attendu"),
        (MINOR, "si_faux: ▸rejeter", "PAQ-BLOC", "clés"),
        (MINOR, "si_faux: ▸[rejeter]", "PAQ-BLOC", "clés"),
        # delai
        ("delai: {recu: aide.recue_le, au_plus_tard: cloture}", "delai: ▸{recu: aide.recue_le}", "PAQ-CLE-MANQUANTE",
         "`au_plus_tard`"),
        ("au_plus_tard: cloture}", "au_plus_tard: ▸prix_maximum}", "EXP-TYPE", "`instant` et `montant`"),
        ("recu: aide.recue_le,", "recu: aide.re▸çue_le,", "EXP-SYNTAXE", "`ç`"),
        ("au_plus_tard: cloture}", "au_plus_tard: cloture, ▸le: x}", "PAQ-CLE-INCONNUE", "`le`"),
        # montant
        ("nom: prime", "nom: ▸prix_maximum", "PAQ-NOM", "déjà le nom d'un paramètre"),
        ("nom: prime", "nom: ▸aide", "PAQ-NOM", "déjà un champ"),
        ("nom: prime", "nom: ▸vrai", "PAQ-NOM", "mot du langage"),
        ("nom: prime", "nom: ▸2024", "PAQ-NOM", "nommer un montant"),
        ('arrondi: {pas: "0.01"', "arrondi: {pas: ▸0.01", "PAQ-ARRONDI", "`0.01`"),
        ('arrondi: {pas: "0.01"', 'arrondi: {pas: ▸"0"', "PAQ-ARRONDI", "`0`"),
        ('arrondi: {pas: "0.01"', 'arrondi: {pas: ▸"0,01"', "PAQ-ARRONDI", "`0,01`"),
        ("sens: demi_superieur", "sens: ▸superieur_demi", "PAQ-VALEUR", "`sens`"),
        ("sous_reserve_de: [AID-RETARD-EXCUSE]", "sous_reserve_de: [▸AID-DELAI]", "PAQ-REGLE", "appréciation inconnue"),
        ("    nom: prime\n", "    nom: prime\n    type: ▸euros\n", "PAQ-VALEUR", "`type`"),
        # deduction
        ("deduction: est_particulier", "deduction: ▸est-particulier", "PAQ-NOM", "nommer une déduction"),
        ("    vaut: demandeur", "    ▸quand: demandeur.majeur\n    vaut: demandeur", "PAQ-DEDUCTION", "`quand`"),
        ("    vaut: demandeur", "    ▸demandes: [aide]\n    vaut: demandeur", "PAQ-DEDUCTION", "`demandes`"),
        ('vaut: demandeur.profil = "particulier"', "vaut: ▸demandeur.profil", "EXP-TYPE", "`booleen` attendu"),
        ('vaut: demandeur.profil = "particulier"', "vaut: ▸prime > 3.00", "PAQ-ORDRE", "dépend de `prime`"),
        ('vaut: demandeur.profil = "particulier"', "vaut: resultat(▸AID-DELAI) = vrai", "EXP-TYPE", "attendu ici"),
        ('vaut: demandeur.profil = "particulier"', 'vaut: demandeur.profil = ▸"particulié"', "EXP-TYPE", "particulié"),
        # appreciation
        ("      oui: {resultat: satisfait}\n", "", "PAQ-REPONSES", "deux réponses"),
        ("oui: {resultat: satisfait}", "oui: {resultat: ▸non_satisfait}", "PAQ-VALEUR", "`resultat`"),
        ("oui: {resultat: satisfait}", "▸peut-être: {resultat: satisfait}", "PAQ-NOM", "nommer une réponse"),
        ("oui: {resultat: satisfait}", "oui: ▸satisfait", "PAQ-BLOC", "`oui`"),
        ('"Le retard du {aide.recue_le} est', '"Le retard du {▸aide.recue} est', "EXP-NOM", "`aide.recue`"),
        # indu
        ("indu: controle est present", "indu: ▸prime", "EXP-TYPE", "`booleen` attendu"),
        ("modalite: obligatoire", "modalite: ▸certaine", "PAQ-VALEUR", "`modalite`"),
        ("assiette: exact", "assiette: ▸environ", "PAQ-VALEUR", "`assiette`"),
        ("montant: prime", "montant: ▸aide.nombre", "EXP-TYPE", "`montant` attendu"),
        ("{etape: ordre, message", "{etape: ordre, ▸si: vrai, message", "PAQ-ETAPES", "dernière étape"),
        ("{etape: ordre, message", "{etape: ▸constat, message", "PAQ-CAUSE", "deux fois"),
        ("{etape: constat, si: controle.constate_le est absent,", "▸{etape: constat,", "PAQ-CLE-MANQUANTE", "`si`"),
        ("{etape: constat, ", "{etape: ▸1er_constat, ", "PAQ-NOM", "nommer une étape"),
        # any rule
        ("    delai: {", "    condition: vrai\n    ▸delai: {", "PAQ-NATURE", "plusieurs natures"),
        ("    vaut: demandeur", "    ▸montant: 3.00\n    vaut: demandeur", "PAQ-NATURE", "`deduction`, `montant`"),
        ("demandes: [recouvrement]", "demandes: [▸recouvremant]", "PAQ-DEMANDE", "`recouvremant`"),
        ("demandes: [recouvrement]", "demandes: ▸[]", "PAQ-DEMANDE", "aucune demande"),
        ("demandes: [recouvrement]", "demandes: [recouvrement, ▸recouvrement]", "PAQ-DEMANDE", "deux fois"),
        ("demandes: [recouvrement]", "▸demandes:", "PAQ-LISTE", "est vide"),
        ("aupres_de: asp", "aupres_de: ▸dgfip", "PAQ-VALEUR", "`aupres_de`"),
        ("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, ▸{id: REQ-2}]", "PAQ-TEXTE", "un mot"),
        ("exemples:\n", "exemples: ▸aucun\n      #", "PAQ-LISTE", "une liste"),
        ("id: AID-DELAI", "id: ▸aid_delai", "PAQ-IDENTIFIANT", "`aid_delai`"),
        ("  - id: AID-MAJEUR\n    titre", "  - ▸titre", "PAQ-CLE-MANQUANTE", "`id`"),
        ("    titre: Demandeur majeur\n", "    ▸titre:\n", "PAQ-TEXTE", "`titre` est vide"),
        ("    titre: Demandeur majeur\n", "    titre: ▸[Demandeur]\n", "PAQ-TEXTE", "doit être un texte"),
        ("titre: Prime à rendre après contrôle\n", "titre: x\n    ▸couleur: bleu\n", "PAQ-CLE-INCONNUE", "`couleur`"),
    ],
)  # fmt: skip
def test_a_rule_that_is_not_right_gives_one_diagnostic(
    pack: PackFolder, old: str, new: str, code: str, words: str
) -> None:
    if old == "exemples:\n":
        old = "    exemples:\n" + EXAMPLES
        new = "    exemples: ▸aucun\n"
    fault = pack.slip(old, new)
    assert fault.code == code, fault
    assert words in fault.message


EXAMPLES = """\
      - avec:
          aide.recue_le: "2023-06-01T12:00:00"
          aide.facture: {lisible: true, prix: "10.00", acquittee_le: "2023-06-30"}
        resultat: satisfait
      - {avec: {}, resultat: "non_satisfait:absente"}
"""


def test_a_rule_without_a_nature_is_told_what_there_is(pack: PackFolder) -> None:
    pack.edit('    deduction: est_particulier\n    vaut: demandeur.profil = "particulier"\n', "")
    fault = pack.slip("  - id: DED-PARTICULIER\n", "  - ▸id: DED-PARTICULIER\n")
    assert fault.code == "PAQ-NATURE"
    assert all(f"`{kind}`" in fault.help for kind in KINDS)


def test_an_undue_without_a_step_is_refused(pack: PackFolder) -> None:
    text = (pack.root / "regles/aide.yaml").read_text("utf-8")
    start, end = text.index("    etapes:\n"), text.index('    source: "Arrêté, article 6"')
    pack.write("regles/aide.yaml", f"{text[:start]}    etapes: ▸[]\n{text[end:]}")
    assert pack.fault().code == "PAQ-ETAPES"


def test_a_lone_word_counts_as_a_list_of_one(pack: PackFolder) -> None:
    pack.edit("demandes: [recouvrement]", "demandes: recouvrement")
    assert pack.faults() == []


def test_every_slip_of_a_pack_is_told_in_one_run(pack: PackFolder) -> None:
    pack.edit("titre: Prime à rendre après contrôle", "titer: Prime à rendre")
    pack.edit("modalite: obligatoire", "modalite: certaine")
    pack.edit("defaut_maison: true", "defaut_maison: oui", "parametres.yaml")
    assert [d.code for d in pack.faults()] == ["PAQ-BOOLEEN", "PAQ-CLE-INCONNUE", "PAQ-VALEUR"]
