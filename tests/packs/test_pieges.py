"""Every trap and ambiguity of the text, TRAP-01 to TRAP-38: what the pack does with it, on real dossiers.

Each test starts from a whole dossier of the fixtures and changes what the trap is about.  TRAP-30 and TRAP-31 are
questions of law that no datum shows: their tests look at what the policy officer and the instructor read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from recevable.pack.model import Consequence, Pack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packs.conftest import World

Appraised = Callable[..., dict[str, Any]]

BALANCE: Final = "solde-cas-b"  # a Développeur, 5/200/15 000 boxes
BUYER_BALANCE: Final = "solde-petit-acheteur"
ADVANCE: Final = "avance-developpeur-complete"
ENROLMENT: Final = "enrolement-developpeur-complet"
BUYER: Final = "enrolement-acheteur-complet"
RECOVERY: Final = "recouvrement-declaration-erronee"


def test_every_trap_of_the_inventory_has_its_test(rules_folder: Path) -> None:
    listed = [trap["id"] for trap in yaml.safe_load((rules_folder / "pieges.yaml").read_text("utf-8"))["pieges"]]
    assert listed == [f"TRAP-{rank:02}" for rank in range(1, 39)]
    tested = {f"TRAP-{name.split('_')[2]}" for name in globals() if name.startswith("test_trap_")}
    assert set(listed) == tested


def test_trap_01_what_a_dangling_reference_asks_for_is_completed_and_never_rejected(world: World, pack: Pack) -> None:
    documentation = ("lien_documentation", "contact_support_editeurs", "contact_support_clients")
    answer = world.request("solde", BUYER_BALANCE, {f"solde.{path}": world.removed for path in documentation})
    assert answer.verdict == "completer"
    assert set(answer.findings) == {"SOL-LIEN-DOCUMENTATION", "SOL-SUPPORT-EDITEURS", "SOL-SUPPORT-CLIENTS"}
    assert {f.source for f in answer.request.findings if f.rule in answer.findings} == {"AF §4.2 et §6.2"}
    resting_on_4_3 = [rule for rule in pack.rules.values() if "§4.3" in rule.source]
    assert resting_on_4_3
    assert not [r.id for r in resting_on_4_3 for c in r.causes if c.consequence is Consequence.REJECT]


def test_trap_02_the_components_of_the_operation_are_those_of_section_4_2_not_the_enrolment(world: World) -> None:
    control = {"constate_le": "2024-02-01T10:00:00+01:00", "constate_par": "ans", "nature": "operation_incomplete"}
    removed: Any = world.removed
    decision = world.decision(RECOVERY, {"controles": {"manquement": control}, "enrolement": removed})
    found = next(f for f in decision.recovery_findings if f.rule == "OBL-OPERATION-COMPLETE")
    assert (str(found.result), found.source) == ("non_satisfait", "AF §4.2 et §4.3")
    assert "documentation" in found.message
    assert "enrôlement" not in found.message


def test_trap_03_a_personal_box_is_a_nominative_one_and_an_unknown_type_has_no_price(
    world: World, appraised: Appraised
) -> None:
    known = world.request("solde", BALANCE)
    assert known.amounts["part_personnelles"] == Decimal("75000.00")
    unknown = {"ans.annuaire.types_inconnus": 12}
    asked = world.request("solde", BALANCE, unknown)
    assert (asked.findings, asked.provisional) == ({"BAL-TYPES-INCONNUS": "a_apprecier"}, True)
    assert asked.amounts["total_ht"] == known.amounts["total_ht"]
    assert asked.tainted["solde_ttc"] == ("BAL-TYPES-INCONNUS",)
    left_out = {**unknown, "appreciations.BAL-TYPES-INCONNUS": appraised("hors_calcul")}
    assert world.request("solde", BALANCE, left_out).accepted


def test_trap_04_a_buyer_whose_supplier_is_no_operator_follows_the_rules_of_a_developer(world: World) -> None:
    requalified = {"ans.fournisseur.contrat_operateur_signe": False, "ans.referencement": {"sur_liste": False}}
    closed = world.request("enrolement", BUYER, requalified)
    assert closed.verdict == "rejeter"
    assert closed.findings["ELI-REFERENCEMENT-CLOS"] == "non_satisfait:faux"
    assert (closed.result("ENR-COMMANDE"), closed.result("ELI-FOURNISSEUR-REFERENCE")) == ("sans_objet", "sans_objet")
    still_open = world.request("enrolement", BUYER, requalified, au="2022-12-22")
    assert still_open.verdict == "completer"
    assert still_open.findings["ELI-REFERENCEMENT-OUVERT"] == "non_satisfait:faux"
    assert "22 décembre 2022 à 14:00:00" in still_open.read


def test_trap_05_an_advance_filed_in_time_before_the_enrolment_waits_for_it_and_is_not_rejected(world: World) -> None:
    undecided = world.request("avance", ADVANCE, {"enrolement.decision": world.removed})
    assert (undecided.verdict, undecided.findings) == ("completer", {"DEM-ENROLEMENT": "manquant"})
    validated_since = world.request("avance", ADVANCE, {"enrolement.decision.le": "2023-04-14T10:00:00+02:00"})
    assert validated_since.accepted
    assert validated_since.findings == {"AVA-ENROLEMENT-PREALABLE": "non_satisfait:faux"}


def test_trap_06_the_whole_closing_day_counts_in_paris_time(world: World) -> None:
    for whole_day in ("2023-06-30T00:00:00+02:00", "2023-06-30T23:59:59+02:00", "2023-06-30T21:59:59Z"):
        assert world.request("solde", BALANCE, {"ans.annuaire.extrait_le": whole_day}).accepted, whole_day
    for another in ("2023-06-29T23:59:59+02:00", "2023-07-01T00:00:00+02:00", "2023-06-30T22:00:00Z"):
        answer = world.request("solde", BALANCE, {"ans.annuaire.extrait_le": another})
        assert answer.findings["BAL-EXTRACTION"] == "non_satisfait:faux", another
        assert "total_ht" not in answer.amounts, another
    late = world.request("solde", BALANCE, {"ans.annuaire.extrait_le": "2023-06-30T22:00:00Z"})
    assert "1er juillet 2023 à 00:00:00" in late.read


def test_trap_07_four_closings_are_four_parameters_and_the_two_readings_of_the_window_differ(
    world: World, pack: Pack
) -> None:
    day = date(2024, 1, 1)
    closings = ("date_cloture", "date_fermeture", "cloture_financement", "cloture_appel")
    values = {name: pack.parameters[name].at(day) for name in closings}
    assert {name: str(v.value)[:10] for name, v in values.items() if v} == {
        "date_cloture": "2023-06-30", "date_fermeture": "2023-07-26", "cloture_financement": "2023-06-30",
        "cloture_appel": "2023-09-28",
    }  # fmt: skip
    steps = {
        "2025-06-30T23:59:59+02:00": "proposer_mise_en_demeure",
        "2025-07-01T00:00:00+02:00": "fenetre_a_apprecier",
        "2025-09-28T14:00:00+02:00": "fenetre_a_apprecier",
        "2025-09-28T14:00:01+02:00": "hors_fenetre",
    }
    for noticed, step in steps.items():
        found = world.decision(RECOVERY, {"controles.declaration_erronee.constate_le": noticed}, au="2025-10-15")
        assert [case.step for case in found.recovery] == [step], noticed


def test_trap_08_a_late_request_sent_by_post_is_rejected_until_a_human_retains_the_sending_date(
    world: World, appraised: Appraised
) -> None:
    for request, base, limit in (("avance", ADVANCE, "2023-08-21"), ("solde", BALANCE, "2023-10-16")):
        question = {"avance": "AVA-VOIE-POSTALE", "solde": "SOL-VOIE-POSTALE"}[request]
        late = {f"{request}.recue_le": f"{limit[:8]}02T09:00:00+02:00", f"{request}.voie": "postale"}
        open_ = world.request(request, base, late, au=limit)
        assert (open_.verdict, open_.provisional, open_.findings[question]) == ("rejeter", True, "a_apprecier")
        kept = {**late, f"appreciations.{question}": appraised("envoi_retenu")}
        assert world.request(request, base, kept, au=limit).accepted
        refused = {**late, f"appreciations.{question}": appraised("reception_retenue")}
        answer = world.request(request, base, refused, au=limit)
        assert (answer.verdict, answer.provisional) == ("rejeter", False)
        online = {**kept, f"{request}.voie": "teleservice"}
        assert world.request(request, base, online, au=limit).verdict == "rejeter"


def test_trap_09_a_request_counts_when_its_data_are_received_even_if_the_pieces_are_lost(world: World) -> None:
    received = {"avance.recue_le": "2023-07-26T13:58:00+02:00"}
    lost = {**received, "avance.pieces": world.removed, "avance.pieces_recues_le": world.removed}
    answer = world.request("avance", ADVANCE, lost, au="2023-08-21")
    assert (answer.verdict, answer.findings) == ("completer", {"AVA-FORMULAIRE": "non_satisfait:absente"})
    late_pieces = {**received, "avance.pieces_recues_le": "2023-07-26T16:30:00+02:00"}
    answer = world.request("avance", ADVANCE, late_pieces, au="2023-08-21")
    assert (answer.verdict, answer.provisional) == ("accepter", True)
    assert answer.findings == {"AVA-COMPLEMENT-TARDIF": "a_apprecier"}
    in_time = {**late_pieces, "avance.delai_completude": "2023-07-26T16:30:00+02:00"}
    answer = world.request("avance", ADVANCE, in_time, au="2023-08-21")
    assert (answer.accepted, answer.findings) == (True, {"AVA-PIECES-APRES": "non_satisfait:faux"})


def test_trap_10_a_balance_filed_before_the_opening_is_a_question_and_never_a_rejection(
    world: World, appraised: Appraised
) -> None:
    assert world.request("solde", BALANCE, {"solde.recue_le": "2023-07-04T00:00:00+02:00"}).accepted
    early = {"solde.recue_le": "2023-07-03T23:59:59+02:00"}
    answer = world.request("solde", BALANCE, early)
    assert (answer.verdict, answer.findings) == ("accepter", {"SOL-OUVERTURE": "a_apprecier"})
    again = {**early, "appreciations.SOL-OUVERTURE": appraised("a_redeposer")}
    assert world.request("solde", BALANCE, again).verdict == "completer"


def test_trap_11_the_number_of_an_undecided_advance_is_not_asked_from_the_applicant(world: World) -> None:
    undecided = {
        "avance.recue_le": "2023-07-25T10:00:00+02:00",
        "avance.decision": world.removed,
        "solde.numero_dossier_avance": world.removed,
        "paiements": [],
    }
    answer = world.request("solde", BALANCE, undecided)
    assert answer.verdict == "completer"
    assert answer.findings["SOL-NUMERO-INCONNU"] == "a_apprecier"
    assert answer.result("SOL-NUMERO") == "sans_objet"
    assert {a.party for a in answer.request.repair.actions} == {"asp"}
    decided = world.request("solde", BALANCE, {"solde.numero_dossier_avance": world.removed})
    assert decided.findings == {"SOL-NUMERO": "non_satisfait:faux"}


def test_trap_12_the_rate_is_the_operators_and_a_usual_one_overseas_is_confirmed_by_a_human(world: World) -> None:
    rates = {"metropole": "0.20", "guadeloupe": "0.085", "martinique": "0.085", "la_reunion": "0.085"}
    for territory, rate in {**rates, "guyane": "0", "mayotte": "0"}.items():
        silent = {"operateur.territoire": territory, "operateur.tva.taux": world.removed}
        answer = world.request("avance", ADVANCE, silent)
        assert answer.amounts["taux_tva"] == Decimal(rate), territory
        assert answer.provisional == (territory != "metropole"), territory
        declared = world.request("avance", ADVANCE, {"operateur.territoire": territory, "operateur.tva.taux": rate})
        assert declared.accepted, territory
    unusual = world.request("avance", ADVANCE, {"operateur.tva.taux": "0.10"})
    assert unusual.findings == {"TVA-TAUX-INHABITUEL": "a_apprecier"}
    assert unusual.tainted["avance_ttc"] == ("TVA-TAUX-INHABITUEL",)
    elsewhere = {"operateur.territoire": "autre", "operateur.tva.taux": world.removed}
    assert world.request("avance", ADVANCE, elsewhere).verdict == "completer"


def test_trap_13_not_subject_exempted_and_small_business_are_three_different_things(world: World) -> None:
    for regime in ("franchise_en_base", "exonere"):
        answer = world.request("avance", ADVANCE, {"operateur.tva": {"regime": regime}})
        assert answer.findings == {"TVA-FRANCHISE-EXONERATION": "a_apprecier"}, regime
        assert answer.amounts["avance_ttc"] == Decimal("6666.67")
        assert answer.tainted["avance_ttc"] == ("TVA-FRANCHISE-EXONERATION",)
    unattested = world.request("avance", ADVANCE, {"operateur.tva": {"regime": "non_assujetti"}})
    assert unattested.findings == {"TVA-ATTESTATION": "non_satisfait:absente"}
    assert unattested.amounts["avance_ttc"] == Decimal("6666.67")


def test_trap_14_the_balance_is_the_rounded_total_less_the_advance_and_is_not_rounded_apart(world: World) -> None:
    boxes = {"ans.annuaire.applicatives": 1, "ans.annuaire.organisationnelles": 1, "ans.annuaire.personnelles": 0}
    amounts = world.request("solde", BALANCE, boxes).amounts
    apart = (amounts["solde_ht"] * Decimal("1.20")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert (amounts["solde_ttc"], apart) == (Decimal("95.00"), Decimal("94.99"))
    assert amounts["avance_versee"] + amounts["solde_ttc"] == amounts["total_ttc"] == Decimal("8095.00")


def test_trap_15_the_scale_is_the_one_without_tax_of_the_text(world: World) -> None:
    round_scale = 5 * Decimal(70) + 200 * Decimal(25) + 15000 * Decimal(6) + Decimal(8000)
    assert world.request("solde", BALANCE).amounts["total_ttc"] == Decimal("103349.18") != round_scale


def test_trap_16_the_forecast_is_due_and_weighs_nothing(world: World) -> None:
    form = "avance.pieces.formulaire.previsionnel"
    absent = world.request("avance", ADVANCE, {form: world.removed})
    assert absent.verdict == "completer"
    assert set(absent.findings) == {"AVA-PREVISIONNEL-ACTUEL", "AVA-PREVISIONNEL-ESTIME"}
    boundless = {"applicatives": 9_999_999, "organisationnelles": 9_999_999, "personnelles": 9_999_999}
    changed = world.decision(ADVANCE, {form: {"actuel": boundless, "estime": boundless}})
    assert world.whole(changed) == world.whole(world.decision(ADVANCE))


def test_trap_17_contested_boxes_are_a_question_and_keep_the_amount_under_reserve(
    world: World, appraised: Appraised
) -> None:
    contested = {"ans.annuaire.contestees": 40}
    answer = world.request("solde", BALANCE, contested)
    assert answer.findings == {"BAL-CONTESTEES": "a_apprecier"}
    assert answer.tainted["solde_ttc"] == ("BAL-CONTESTEES",)
    outcomes = {"retenues": "accepter", "a_justifier": "completer", "a_exclure": "completer"}
    for word, verdict in outcomes.items():
        judged = {**contested, "appreciations.BAL-CONTESTEES": appraised(word)}
        assert world.request("solde", BALANCE, judged).verdict == verdict, word


def test_trap_18_the_applicative_boxes_are_asked_from_the_ans(world: World) -> None:
    answer = world.request("solde", BALANCE, {"ans.annuaire.applicatives": world.removed})
    assert answer.verdict == "completer"
    assert "total_ht" not in answer.amounts
    assert [(action.party, action.rules) for action in answer.request.repair.actions] == [("ans", ("BAL-NOMBRES",))]


def test_trap_19_an_advance_whose_balance_is_never_asked_for_is_pointed_out_and_not_recovered(world: World) -> None:
    decision = world.decision("recouvrement-aucun-solde-demande")
    assert decision.recovery == ()
    answer = world.answer(decision, "avance")
    assert (answer.accepted, answer.findings) == (True, {"AVA-SANS-SOLDE": "non_satisfait:faux"})


def test_trap_20_a_deployment_not_done_puts_only_the_advance_at_stake(world: World) -> None:
    decision = world.decision("recouvrement-deploiement-solde-deja-verse")
    paid = sum(Decimal(p["montant"]) for p in world.data("recouvrement-deploiement-solde-deja-verse")["paiements"])
    (case,) = decision.recovery
    assert (case.rule, case.basis, case.amount.value) == ("REC-DEPLOIEMENT", "exact", Decimal("8000.00"))
    assert paid > case.amount.value
    assert "REC-DEPLOIEMENT-SOLDE" in [f.rule for f in decision.recovery_findings if f.message]


def test_trap_21_how_binding_the_text_is_is_a_datum_of_each_case_and_no_case_is_decided(world: World) -> None:
    noticed = {"constate_le": "2024-02-01T10:00:00+01:00", "constate_par": "asp"}
    controls = {
        "declaration_erronee": noticed,
        "deploiement_non_realise": noticed,
        "retrait_referencement": {**noticed, "concerne": "operateur"},
        "declaration_bal_erronee": {**noticed, "applicatives": 1, "organisationnelles": 1, "personnelles": 1},
        "manquement": {**noticed, "nature": "autre"},
    }
    cases = world.decision(RECOVERY, {"controles": controls}).recovery
    assert {case.rule: (case.modality, case.basis) for case in cases} == {
        "REC-DECLARATION-ERRONEE": ("facultative", "maximum"),
        "REC-DEPLOIEMENT": ("obligatoire", "exact"),
        "REC-RETRAIT-REFERENCEMENT": ("facultative", "maximum"),
        "REC-DECLARATION-BAL": ("non_precisee", "proposition"),
        "REC-MANQUEMENT": ("obligatoire", "maximum"),
    }
    assert not any(case.closed for case in cases)


def test_trap_22_a_request_in_time_is_saved_by_a_completion_within_the_delay_given(
    world: World, appraised: Appraised
) -> None:
    given = {"solde.recue_le": "2023-09-28T13:00:00+02:00", "solde.delai_completude": "2023-10-10T23:59:59+02:00"}
    within = {**given, "solde.pieces_recues_le": "2023-10-10T23:59:59+02:00"}
    assert world.request("solde", BALANCE, within, au="2023-10-20").accepted
    after = {**given, "solde.pieces_recues_le": "2023-10-11T00:00:00+02:00"}
    answer = world.request("solde", BALANCE, after, au="2023-10-20")
    assert (answer.verdict, answer.findings["SOL-COMPLEMENT-TARDIF"]) == ("accepter", "a_apprecier")
    refused = {**after, "appreciations.SOL-COMPLEMENT-TARDIF": appraised("complement_refuse")}
    assert world.request("solde", BALANCE, refused, au="2023-10-20").verdict == "rejeter"


def test_trap_23_what_only_the_faq_of_the_asp_asks_for_refuses_nothing(world: World) -> None:
    validity = "enrolement.pieces.piece_identite.valide_jusqu_au"
    assert world.request("enrolement", ENROLMENT, {validity: world.removed}).findings == {}
    expired = world.request("enrolement", ENROLMENT, {validity: "2020-01-01"})
    assert (expired.accepted, expired.findings) == (True, {"ENR-IDENTITE": "non_satisfait:perimee"})
    without_bic = world.request("enrolement", ENROLMENT, {"enrolement.pieces.rib.bic": world.removed})
    assert without_bic.findings == {"ENR-RIB": "non_satisfait:bic_absent"}


def test_trap_24_the_order_line_is_compared_to_the_letter_but_for_typography(world: World) -> None:
    line = "enrolement.pieces.bon_de_commande.intitule_ligne"
    title = world.data(BUYER)["enrolement"]["pieces"]["bon_de_commande"]["intitule_ligne"]
    for same in (title.upper(), f"« {title} »", title.replace(" ", "  "), title.replace("-", "–")):
        assert world.request("enrolement", BUYER, {line: same}).accepted, same
    near = world.request("enrolement", BUYER, {line: title.replace("Achat et déploiement", "Achat")})
    assert (near.verdict, near.findings) == ("completer", {"ENR-COMMANDE-LIGNE": "non_satisfait:faux"})
    assert f"« {title} »" in near.read


def test_trap_25_only_a_quote_must_be_signed(world: World) -> None:
    order = "enrolement.pieces.bon_de_commande"
    quote = world.request("enrolement", BUYER, {f"{order}.nature": "devis", f"{order}.signe": False})
    assert (quote.verdict, quote.findings) == ("completer", {"ENR-COMMANDE": "non_satisfait:devis_non_signe"})
    unsigned = world.request("enrolement", BUYER, {f"{order}.nature": "bon_de_commande", f"{order}.signe": False})
    assert (unsigned.accepted, unsigned.findings) == (True, {"ENR-COMMANDE": "non_satisfait:bon_non_signe"})


def test_trap_26_the_developers_attestation_may_come_as_an_annex_to_the_order(world: World) -> None:
    assert world.request("enrolement", "enrolement-acheteur-attestation-en-annexe").accepted
    attestation = "enrolement.pieces.bon_de_commande.attestation_referencement"
    without = world.request("enrolement", BUYER, {attestation: False})
    assert without.findings == {"ENR-COMMANDE-ATTESTATION": "non_satisfait:faux"}


def test_trap_27_the_identity_document_is_the_depositors(world: World) -> None:
    by_another = {"operateur.depositaire": {"est_representant_legal": False, "nom": "Exemple", "prenom": "Alix"}}
    powers = {"enrolement.pieces.attestation_pouvoirs": {"lisible": True}}
    holder = "enrolement.pieces.piece_identite.titulaire"
    theirs = world.request("enrolement", ENROLMENT, {**by_another, **powers, holder: "depositaire"})
    assert theirs.accepted
    the_representatives = world.request("enrolement", ENROLMENT, {**by_another, **powers, holder: "representant_legal"})
    assert the_representatives.findings == {"ENR-IDENTITE": "non_satisfait:autre_personne"}
    same_person = {"operateur.depositaire": {"est_representant_legal": True}, holder: "representant_legal"}
    assert world.request("enrolement", ENROLMENT, same_person).accepted


def test_trap_28_a_natural_person_is_an_operator_like_another(world: World) -> None:
    person = world.decision(ENROLMENT, {"operateur.nature": "personne_physique"})
    company = world.decision(ENROLMENT, {"operateur.nature": "personne_morale"})
    assert world.whole(person) == world.whole(company)
    assert person.accepted


def test_trap_29_two_o_clock_is_in_time_in_paris_whatever_the_offset_and_the_season(world: World, pack: Pack) -> None:
    for received, verdict in (
        ("2023-07-26T12:00:00Z", "accepter"),
        ("2023-07-26T12:00:01Z", "rejeter"),
        ("2023-07-26T14:00:00+01:00", "rejeter"),
        ("2023-07-26T08:00:00-04:00", "accepter"),
    ):
        assert world.request("avance", "avance-recue-140000-paris", {"avance.recue_le": received}).verdict == verdict
    hours = {}
    for name in ("fin_depot_avance", "fin_depot_solde", "fin_candidature_referencement", "fin_preuves_referencement"):
        value = pack.parameters[name].at(date(2024, 1, 1))
        hours[name] = value.value.astimezone(UTC).hour if value else None
    assert hours == {
        "fin_depot_avance": 12,
        "fin_depot_solde": 12,
        "fin_candidature_referencement": 13,
        "fin_preuves_referencement": 13,
    }


def test_trap_30_who_decides_is_a_parameter_that_the_instructor_reads(world: World, pack: Pack) -> None:
    author = pack.parameters["autorite_decision"]
    value = author.at(date(2024, 1, 1))
    assert value is not None
    assert author.house_default
    (case,) = world.decision("recouvrement-deploiement-delai-expire").recovery
    assert case.step == "decision_humaine"
    assert value.value in case.message


def test_trap_31_the_reasons_cite_the_af_first_and_the_legal_nature_is_left_to_a_jurist(pack: Pack) -> None:
    assert [rule.id for rule in pack.rules.values() if not rule.source.startswith("AF")] == []
    assert "prix ou de subvention" in pack.rules["AVA-VOIE-POSTALE"].note
    assert "CRPA" in pack.rules["AVA-VOIE-POSTALE"].source


def test_trap_32_several_dossiers_of_one_company_are_a_question_before_any_payment(
    world: World, appraised: Appraised
) -> None:
    others = {"ans.autres_dossiers_meme_siren": 2}
    decision = world.decision(BALANCE, others)
    assert world.answer(decision, "enrolement").accepted
    for request in ("avance", "solde"):
        assert world.answer(decision, request).findings == {"ELI-DOUBLON": "a_apprecier"}
    assert world.answer(decision, "solde").tainted["total_ht"] == ("ELI-DOUBLON",)
    same = {**others, "appreciations.ELI-DOUBLON": appraised("doublon")}
    assert world.request("solde", BALANCE, same).verdict == "rejeter"


def test_trap_33_a_buyer_proves_the_deployment_as_its_developer_does(world: World, appraised: Appraised) -> None:
    proof = "solde.pieces.capture_test"
    for base in (BALANCE, BUYER_BALANCE):
        for change, found in (
            ({proof: world.removed}, "non_satisfait:absente"),
            ({f"{proof}.environnement": "preproduction"}, "non_satisfait:hors_production"),
            ({f"{proof}.reussi": False}, "non_satisfait:test_en_echec"),
        ):
            answer = world.request("solde", base, change)
            assert (answer.verdict, answer.findings["SOL-CAPTURE-TEST"]) == ("completer", found), base
        known_to_ans = {f"{proof}.realise_le": world.removed, "ans.test_technique.realise_le": "2023-07-01"}
        assert world.request("solde", base, known_to_ans).findings == {"SOL-TEST-DATE": "a_apprecier"}, base
        after = {f"{proof}.realise_le": "2023-07-01"}
        assert world.request("solde", base, after).findings == {"SOL-TEST-DATE": "a_apprecier"}, base
        proven = {**after, "appreciations.SOL-TEST-DATE": appraised("deploiement_effectif_a_cloture")}
        assert world.request("solde", base, proven).accepted, base


def test_trap_34_before_the_version_in_force_the_end_of_advances_is_unknown(world: World) -> None:
    received = {
        "avance.recue_le": "2023-02-20T10:00:00+01:00",
        "avance.pieces_recues_le": "2023-02-20T10:00:00+01:00",
        "enrolement.recue_le": "2023-02-06T10:00:00+01:00",
        "enrolement.decision.le": "2023-02-10T10:00:00+01:00",
    }
    before = world.request("avance", ADVANCE, received, au="2023-03-07")
    assert (before.verdict, before.findings["AVA-DELAI"]) == ("indecidable", "manquant")
    assert before.missing("AVA-DELAI") == ["parametre:fin_depot_avance"]
    assert world.request("avance", ADVANCE, received, au="2023-03-08").accepted


def test_trap_35_the_advance_really_paid_is_taken_off_the_total(world: World) -> None:
    less = {"paiements": [{"demande": "avance", "montant": "6666.67", "paye_le": "2023-05-04"}]}
    answer = world.request("solde", BALANCE, less)
    assert answer.amounts["solde_ttc"] == Decimal("103349.18") - Decimal("6666.67")
    assert answer.findings == {"MON-AVANCE-ECART": "non_satisfait:faux"}
    unpaid = world.request("solde", BALANCE, {"paiements": []})
    assert unpaid.verdict == "completer"
    assert "solde_ttc" not in unpaid.amounts


def test_trap_36_a_missing_piece_stops_no_other_check(world: World) -> None:
    whole = world.request("enrolement", BUYER)
    empty = world.request("enrolement", "enrolement-vide")
    rules = {f.rule for f in whole.request.findings}
    assert {f.rule for f in empty.request.findings} == rules
    pieces = {"enrolement.pieces": world.removed, "ans.espace_de_confiance": False}
    rejected = world.request("enrolement", BUYER, pieces)
    assert rejected.verdict == "rejeter"
    assert {"ENR-FORMULAIRE", "ENR-RIB", "ENR-IDENTITE", "ENR-CONTRAT-V2", "ENR-COMMANDE"} <= set(rejected.findings)


def test_trap_37_the_contract_v2_is_looked_at_on_the_day_of_the_decision(world: World, appraised: Appraised) -> None:
    signed = "ans.contrat_v2.signe_ans_le"
    assert world.request("enrolement", ENROLMENT, {signed: "2023-03-24"}, au="2023-03-24").accepted
    after = world.request("enrolement", ENROLMENT, {signed: "2023-03-25"}, au="2023-03-24")
    assert after.findings == {"ELI-CONTRAT-V2": "non_satisfait:faux"}
    late = {signed: "2023-07-27"}
    answer = world.request("avance", ADVANCE, late, au="2023-08-21")
    assert (answer.verdict, answer.findings) == ("accepter", {"ELI-CONTRAT-V2-TARDIF": "a_apprecier"})
    refused = {**late, "appreciations.ELI-CONTRAT-V2-TARDIF": appraised("condition_non_remplie")}
    assert world.request("avance", ADVANCE, refused, au="2023-08-21").verdict == "rejeter"


def test_trap_38_the_referencing_number_is_asked_again_only_when_the_ans_lacks_it_or_has_another(world: World) -> None:
    attested = "enrolement.pieces.attestation_referencement.numero"
    registered = "ans.referencement.numero"
    assert world.request("enrolement", ENROLMENT, {attested: world.removed}).accepted
    other = world.request("enrolement", ENROLMENT, {attested: "OPE-2023-0099"})
    assert other.findings == {"ENR-NUMERO-REF-CONCORDANT": "non_satisfait:faux"}
    nowhere = world.request("enrolement", ENROLMENT, {attested: world.removed, registered: world.removed})
    assert nowhere.findings == {"ENR-NUMERO-REF": "non_satisfait:faux"}
