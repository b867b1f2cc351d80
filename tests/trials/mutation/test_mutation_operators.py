"""Each operator by what it changes: a rule as written, then every mutant of it, `key: before → after`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from recevable.pack.compiled import CompiledPack
from recevable.trials.mutation.model import Operator
from recevable.trials.mutation.mutants import mutants
from recevable.trials.mutation.operators import operators

WithRule = Callable[[str], CompiledPack]


def condition(text: str, keys: str = "") -> str:
    return f"""\
demandes: [prime]
{keys}condition: {text}
si_faux: {{consequence: completer, message: Essai, reparation: Essai}}"""


def amount(text: str, keys: str = "") -> str:
    return f"demandes: [prime]\nmontant: {text}\nnom: essai\n{keys}"


def deadline(received: str, latest: str) -> str:
    return f"""\
demandes: [prime]
delai: {{recu: {received}, au_plus_tard: {latest}}}
si_depasse: {{consequence: rejeter, message: Essai}}"""


def parameter(type_: str, *values: str, until: str = "ouvert") -> str:
    lines = [f'{{a_partir_du: "{2024 + rank}-01-01", valeur: {text}, source: S}}' for rank, text in enumerate(values)]
    return f"type: {type_}\nvaleurs: [{', '.join(lines)}]\njusqu_au: {until}"


PIECE = """\
demandes: [prime]
piece: prime.pieces.facture
si_absente: {consequence: completer, message: Essai, reparation: Essai}
si_perimee: {si: velo.achete_le < aujourd_hui, consequence: completer, message: Essai, reparation: Essai}
si_invalide:
  - {cause: illisible, si: prime.pieces.facture.lisible = faux, consequence: completer, message: E, reparation: E}"""
APPRAISAL = """\
demandes: [prime]
appreciation: Essai ?
reponses:
  conforme: {resultat: satisfait}
  contraire: {consequence: rejeter, message: Essai}"""
UNDUE = """\
demandes: [recouvrement]
indu: total_verse > 0
modalite: facultative
montant: total_verse
assiette: exact
etapes:
  - {etape: clos, si: revente est absent, resultat: satisfait, message: Essai}
  - {etape: attendre, si: revente.rembourse = faux, message: Essai}
  - {etape: demander, message: Essai}"""

SPECIFICATION: list[tuple[str, str, list[str]]] = [
    # a hundredth of an amount, one of a count, whatever the digits written
    ("nombre", condition("velo.prix > 100"), ["condition: 100 → 100.01", "condition: 100 → 99.99"]),
    ("nombre", condition("beneficiaire.revenu_fiscal > 9"), ["condition: 9 → 10", "condition: 9 → 8"]),
    ("nombre", condition("velo.prix > plafond"), []),
    ("nombre", condition("nombre(v dans versements, v.montant > 0) <= 1"),
     ["condition: 0 → 0.01", "condition: 0 → -0.01", "condition: 1 → 2", "condition: 1 → 0"]),
    # one day, one second; nothing below no time at all
    ("moment", condition("velo.achete_le >= 2024-01-01"),
     ["condition: 2024-01-01 → 2024-01-02", "condition: 2024-01-01 → 2023-12-31"]),
    ("moment", condition("prime.deposee_le <= 2024-06-30T14:00:00"),
     ["condition: 2024-06-30T14:00:00 → 2024-06-30T14:00:01", "condition: 2024-06-30T14:00:00 → 2024-06-30T13:59:59"]),
    ("moment", condition("velo.achete_le + 15 jours <= aujourd_hui"),
     ["condition: 15 jours → 16 jours", "condition: 15 jours → 14 jours"]),
    ("moment", condition("velo.achete_le + 0 jours <= aujourd_hui"), ["condition: 0 jours → 1 jours"]),
    ("moment", condition("velo.achete_le <= aujourd_hui"), []),
    ("echeance", deadline("prime.deposee_le", "fin_de_jour(velo.achete_le)"),
     ["au_plus_tard: fin_de_jour(velo.achete_le) → fin_de_jour(velo.achete_le) + 1 secondes",
      "au_plus_tard: fin_de_jour(velo.achete_le) → fin_de_jour(velo.achete_le) - 1 secondes"]),
    ("echeance", deadline("date_de(prime.deposee_le)", "velo.achete_le"),
     ["au_plus_tard: velo.achete_le → velo.achete_le + 1 jours",
      "au_plus_tard: velo.achete_le → velo.achete_le - 1 jours"]),
    ("echeance", condition("velo.achete_le <= aujourd_hui"), []),
    # the neighbour, then the other side
    ("comparaison", condition("velo.prix < plafond"),
     ["condition: velo.prix < plafond → velo.prix <= plafond",
      "condition: velo.prix < plafond → velo.prix >= plafond"]),
    ("comparaison", condition("velo.prix >= plafond"),
     ["condition: velo.prix >= plafond → velo.prix > plafond",
      "condition: velo.prix >= plafond → velo.prix < plafond"]),
    ("comparaison", condition("velo.prix != plafond"), ["condition: velo.prix != plafond → velo.prix = plafond"]),
    ("comparaison", condition("velo.prix entre 1 et 9"),
     ["condition: velo.prix entre 1 et 9 → velo.prix > 1 et velo.prix <= 9",
      "condition: velo.prix entre 1 et 9 → velo.prix >= 1 et velo.prix < 9"]),
    ("comparaison", condition("beneficiaire.majeur"), []),
    ("et-ou", condition("beneficiaire.majeur et velo.electrique"), ["condition: et → ou"]),
    ("et-ou", condition("beneficiaire.majeur ou velo.electrique ou velo est absent"), ["condition: ou → et"]),
    ("et-ou", condition("tous(v dans versements, v.montant > 0)"), ["condition: tous → certains"]),
    ("et-ou", condition("beneficiaire.majeur"), []),
    ("terme-retire", condition("beneficiaire.majeur ou velo.electrique"),
     ["condition: beneficiaire.majeur → (retiré)", "condition: velo.electrique → (retiré)"]),
    ("terme-retire", condition('beneficiaire.statut dans ["particulier", "association"]'),
     ['condition: "particulier" → (retiré)', 'condition: "association" → (retiré)']),
    # a list of nothing is not a list
    ("terme-retire", condition('beneficiaire.statut dans ["particulier"]'), []),
    ("negation", condition("velo.prix > plafond"), ["condition: velo.prix > plafond → non velo.prix > plafond"]),
    ("negation", condition("non beneficiaire.majeur"),
     ["condition: non beneficiaire.majeur → beneficiaire.majeur"]),
    ("negation", condition("beneficiaire.majeur", "quand: velo.electrique\n"),
     ["quand: velo.electrique → non velo.electrique", "condition: beneficiaire.majeur → non beneficiaire.majeur"]),
    ("negation", amount("si beneficiaire.majeur alors plafond sinon majoration"),
     ["montant: beneficiaire.majeur → non beneficiaire.majeur"]),
    # what another operator changes into the same text is one mutant, of the first
    ("negation", condition('beneficiaire.statut = "particulier"'), []),
    ("presence", condition("velo est present et beneficiaire est absent"),
     ["condition: velo est present → velo est absent",
      "condition: beneficiaire est absent → beneficiaire est present"]),
    ("presence", condition("beneficiaire.majeur"), []),
    ("calcul", amount("min(plafond, majoration)"), ["montant: min(plafond, majoration) → max(plafond, majoration)"]),
    ("calcul", amount("plafond - majoration"), ["montant: plafond - majoration → plafond + majoration"]),
    ("calcul", amount("plafond * 2"), []),
    ("arrondi", amount("plafond * 0.3", 'arrondi: {pas: "0.01", sens: demi_superieur}'),
     ["arrondi: 0.01 (demi_superieur) → 0.01 (demi_pair)", "arrondi: 0.01 (demi_superieur) → 0.01 (inferieur)",
      "arrondi: 0.01 (demi_superieur) → 0.01 (superieur)", "arrondi: 0.01 (demi_superieur) → 0.10 (demi_superieur)",
      "arrondi: 0.01 (demi_superieur) → (retiré)"]),
    ("arrondi", amount("plafond"), []),
    ("mois-entame", condition('nombre_de_mois(velo.achete_le, 2024-01-01, "complets") > 3'),
     ['condition: "complets" → "commences"']),
    ("mois-entame", condition("velo est present"), []),
    ("deduction-figee", "deduction: essai\nvaut: beneficiaire.majeur",
     ["vaut: beneficiaire.majeur → vrai", "vaut: beneficiaire.majeur → faux"]),
    ("deduction-figee", condition("beneficiaire.majeur"), []),
    ("regle-retiree", condition("velo est present"), ["regle: ESSAI → (retiré)"]),
    ("regle-retiree", "deduction: essai\nvaut: beneficiaire.majeur", []),
    ("cle-retiree", condition("velo est present", "quand: beneficiaire.majeur\nexception_a: MAJORITE\n"),
     ["quand: beneficiaire.majeur → (retiré)", "exception_a: MAJORITE → (retiré)"]),
    ("cle-retiree", PIECE, ["cause:illisible: illisible → (retiré)", "cause:perimee: perimee → (retiré)"]),
    ("cle-retiree", condition("velo est present"), []),
    ("entree-en-vigueur", condition("velo est present", 'en_vigueur: {du: "2024-01-01", jusqu_au: "2024-12-31"}\n'),
     ["du: 2024-01-01 → 2024-01-02", "du: 2024-01-01 → 2023-12-31", "jusqu_au: 2024-12-31 → 2025-01-01",
      "jusqu_au: 2024-12-31 → 2024-12-30", "en_vigueur: en_vigueur → (retiré)"]),
    ("entree-en-vigueur", PIECE.replace("cause: illisible,", 'cause: illisible, en_vigueur: {du: "2024-01-01"},'),
     ["du:illisible: 2024-01-01 → 2024-01-02", "du:illisible: 2024-01-01 → 2023-12-31",
      "en_vigueur:illisible: en_vigueur → (retiré)"]),
    ("entree-en-vigueur", condition("velo est present"), []),
    ("consequence", condition("velo est present"),
     ["consequence:faux: completer → rejeter", "consequence:faux: completer → signaler"]),
    ("consequence", amount("plafond"), []),
    ("demande-retiree", condition("velo est present").replace("[prime]", "[prime, adhesion]"),
     ["demandes: prime → (retiré)", "demandes: adhesion → (retiré)"]),
    ("demande-retiree", condition("velo est present"), []),
    ("reserve-retiree", amount("plafond", "sous_reserve_de: [USAGE]"), ["sous_reserve_de: USAGE → (retiré)"]),
    ("reserve-retiree", amount("plafond"), []),
    ("reponse", APPRAISAL,
     ["reponse:conforme: satisfait → contraire", "reponse:contraire: contraire → satisfait"]),
    ("reponse", condition("velo est present"), []),
    ("indu", UNDUE,
     ["modalite: facultative → obligatoire", "modalite: facultative → non_precisee", "assiette: exact → maximum",
      "assiette: exact → proposition", "ordre: clos, attendre → attendre, clos",
      "resultat:clos: satisfait → a_apprecier", "resultat:attendre: a_apprecier → satisfait",
      "resultat:demander: a_apprecier → satisfait"]),
    ("indu", condition("velo est present"), []),
    ("parametre", parameter("montant", '"10.00"'), ["valeur: 10.00 → 10.01", "valeur: 10.00 → 9.99"]),
    ("parametre", parameter("entier", '"10"'), ["valeur: 10 → 11", "valeur: 10 → 9"]),
    # a rate is between 0 and 1
    ("parametre", parameter("taux", '"1"'), ["valeur: 1 → 0.99"]),
    ("parametre", parameter("taux", '"0"'), ["valeur: 0 → 0.01"]),
    ("parametre", parameter("duree", "15 jours"), ["valeur: 15 jours → 16 jours", "valeur: 15 jours → 14 jours"]),
    ("parametre", parameter("booleen", "vrai"), ["valeur: vrai → faux"]),
    ("parametre", parameter("texte", "ASP"), ['valeur: "ASP" → "ASP (autre)"']),
    # the day when a value takes the place of another, and the last day of all
    ("parametre", parameter("date", '"2024-06-30"', '"2025-06-30"'),
     ["valeur: 2024-06-30 → 2024-07-01", "valeur: 2024-06-30 → 2024-06-29", "valeur: 2025-06-30 → 2025-07-01",
      "valeur: 2025-06-30 → 2025-06-29", "a_partir_du: 2025-01-01 → 2025-01-02",
      "a_partir_du: 2025-01-01 → 2024-12-31"]),
    ("parametre", parameter("instant", '"2024-06-30T14:00:00"', until='"2024-12-31"'),
     ["valeur: 2024-06-30T14:00:00 → 2024-06-30T14:00:01", "valeur: 2024-06-30T14:00:00 → 2024-06-30T13:59:59",
      "jusqu_au: 2024-12-31 → 2025-01-01", "jusqu_au: 2024-12-31 → 2024-12-30"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "text", "expected"), SPECIFICATION, ids=[f"{o}-{r}" for r, (o, _, _) in enumerate(SPECIFICATION)]
)
def test_an_operator_makes_these_mutants(with_rule: WithRule, operator: str, text: str, expected: list[str]) -> None:
    subject = "essai" if text.startswith("type:") else "ESSAI"
    found = [m.change for m in mutants(with_rule(text), [operator]) if m.subject == subject]
    assert [f"{change.key}: {change.before} → {change.after}" for change in found] == expected


@pytest.mark.parametrize("operator", operators())
def test_an_operator_is_specified_with_mutants_and_without(operator: str) -> None:
    found = [bool(expected) for name, _, expected in SPECIFICATION if name == operator]
    assert True in found
    assert False in found or operator == "parametre", "what it leaves alone"


@pytest.mark.parametrize("operator", operators().values(), ids=operators())
def test_an_operator_says_what_it_does_and_what_would_notice_it(operator: Operator) -> None:
    assert operator.title
    assert operator.noticed_by.startswith(("un ", "une "))


def test_a_change_is_shown_where_it_is_written(with_rule: WithRule) -> None:
    compiled = with_rule(condition("beneficiaire.majeur et velo.prix >= 100"))
    places = {m.change.before: m.change.span for m in mutants(compiled) if m.change.key == "condition"}
    line = compiled.pack.rules["ESSAI"].expressions["condition"].span.line
    starts = {"et": 36, "100": 52, "velo.prix >= 100": 39, "beneficiaire.majeur": 16}
    for text, column in starts.items():
        assert (places[text].file, places[text].line, places[text].column, places[text].length) == (
            "regles/essai.yaml", line, column, len(text),
        )  # fmt: skip


def test_an_identifier_does_not_move_when_another_rule_does(with_rule: WithRule) -> None:
    compiled = with_rule(condition("velo.prix >= 100"))
    own = [m.id for m in mutants(compiled) if m.subject == "ESSAI"]
    assert own == [
        "ESSAI/nombre/condition/1", "ESSAI/nombre/condition/2", "ESSAI/comparaison/condition/1",
        "ESSAI/comparaison/condition/2", "ESSAI/negation/condition/1", "ESSAI/regle-retiree/regle/1",
        "ESSAI/consequence/consequence:faux/1", "ESSAI/consequence/consequence:faux/2",
    ]  # fmt: skip
    # nor when fewer operators are asked for
    assert [m.id for m in mutants(compiled, ["negation"]) if m.subject == "ESSAI"] == ["ESSAI/negation/condition/1"]


def test_a_parameter_that_only_fills_messages_has_no_mutant(with_rule: WithRule) -> None:
    compiled = with_rule(parameter("texte", "ASP"))
    assert "essai" in {mutant.subject for mutant in mutants(compiled)}
    rule = compiled.pack.rules["ESSAI"]
    test = replace(rule.expressions["condition"], text="velo est present")
    silent = replace(rule, expressions={"condition": test})
    pack = replace(compiled.pack, rules={**compiled.pack.rules, "ESSAI": silent})
    assert "essai" not in {mutant.subject for mutant in mutants(CompiledPack(pack))}
