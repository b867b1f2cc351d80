"""What must hold of any dossier, on whole dossiers of the fixtures changed at random."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.pack.model import Pack
from recevable.programme import open_programme

if TYPE_CHECKING:
    from tests.packs.conftest import World

# Several properties of whole decisions; in CI as many as find what is rare.
SOME: Final = settings(max_examples=examples(150))
PARIS: Final = ZoneInfo("Europe/Paris")
CENT: Final = Decimal("0.01")
CAP: Final = Decimal("250000.00")

# Dossiers accepted whole: both profiles, each request, each VAT regime that needs no human.
ACCEPTED: Final = (
    "enrolement-developpeur-complet",
    "enrolement-acheteur-complet",
    "enrolement-depositaire-mandate",
    "enrolement-non-assujetti-complet",
    "enrolement-personne-physique",
    "avance-developpeur-complete",
    "avance-acheteur-complete",
    "solde-petit-acheteur",
    "solde-cas-b",
    "solde-cas-a-outre-mer",
    "solde-cas-b-non-assujetti",
)
BALANCE: Final = "solde-cas-b"
BOXES: Final = ("applicatives", "organisationnelles", "personnelles")
# The last instant at which each request may be received.
LIMITS: Final = {
    "avance": datetime(2023, 7, 26, 12, 0, 0, tzinfo=UTC),
    "solde": datetime(2023, 9, 28, 12, 0, 0, tzinfo=UTC),
}

counts = st.integers(0, 60_000)
boxes = st.fixed_dictionaries(dict.fromkeys(BOXES, counts))
rates = st.integers(0, 10_000).map(lambda n: "1" if n == 10_000 else f"0.{n:04}")


def _directory(numbers: Mapping[str, int]) -> dict[str, Any]:
    return {f"ans.annuaire.{name}": count for name, count in numbers.items()}


# --- what does not matter -------------------------------------------------------------------------------------------


def _shuffled(node: Any, chance: random.Random) -> Any:
    """The same data, the keys of every object and the items of every list in another order."""
    if isinstance(node, dict):
        keys = chance.sample(list(node), len(node))
        return {key: _shuffled(node[key], chance) for key in keys}
    if isinstance(node, list):
        return [_shuffled(item, chance) for item in chance.sample(node, len(node))]
    return node


@SOME
@given(data=st.data())
def test_the_order_of_pieces_keys_and_payments_changes_nothing(world: World, names: list[str], data: Any) -> None:
    name = data.draw(st.sampled_from(names))
    shuffled = _shuffled(world.data(name), data.draw(st.randoms(use_true_random=False)))
    found, expected = (world.whole(one) for one in (world.decide(shuffled, world.days[name]), world.decision(name)))
    assert _settled(found) == _settled(expected)


def _settled(node: Any) -> Any:
    """A decision in which a list of the dossier that a finding repeats has no order."""
    if isinstance(node, dict):
        return {key: _sorted(value) if key == "valeur" else _settled(value) for key, value in node.items()}
    return [_settled(item) for item in node] if isinstance(node, list) else node


def _sorted(value: Any) -> Any:
    whole = {json.dumps(item, sort_keys=True): item for item in value} if isinstance(value, list) else {}
    return [whole[key] for key in sorted(whole)] if whole else value


def test_a_list_that_a_finding_repeats_may_come_in_any_order(world: World) -> None:
    content = world.data("solde-deja-verse")
    content["paiements"] = [dict(reversed(one.items())) for one in reversed(content["paiements"])]
    day = world.days["solde-deja-verse"]
    assert _settled(world.whole(world.decide(content, day))) == _settled(
        world.whole(world.decision("solde-deja-verse"))
    )


def _with_forecast(content: dict[str, Any], current: dict[str, int], estimated: dict[str, int]) -> dict[str, Any]:
    content["avance"]["pieces"]["formulaire"]["previsionnel"] = {"actuel": current, "estime": estimated}
    return content


@SOME
@given(data=st.data())
def test_the_forecast_changes_nothing_but_its_own_presence(world: World, names: list[str], data: Any) -> None:
    whole = [n for n in names if set(BOXES) <= set(_forecast(world.data(n)).get("estime", {}))]
    name = data.draw(st.sampled_from(whole))
    forecast = _with_forecast(world.data(name), data.draw(boxes), data.draw(boxes))
    assert world.whole(world.decide(forecast, world.days[name])) == world.whole(world.decision(name))


def _forecast(content: dict[str, Any]) -> dict[str, Any]:
    form = content.get("avance", {}).get("pieces", {}).get("formulaire", {})
    found: dict[str, Any] = form.get("previsionnel", {})
    return found


def _moved(node: Any, minutes: int) -> Any:
    """The same instants written with another offset; one without an offset is in Paris."""
    if isinstance(node, dict):
        return {key: _moved(value, minutes) for key, value in node.items()}
    if isinstance(node, list):
        return [_moved(item, minutes) for item in node]
    if isinstance(node, str) and len(node) >= 19 and node[4:5] == "-" and node[10:11] == "T":
        instant = datetime.fromisoformat(node)
        known = instant if instant.tzinfo else instant.replace(tzinfo=PARIS)
        return known.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    return node


@SOME
@given(data=st.data(), minutes=st.integers(-720, 840))
def test_the_same_instants_in_another_offset_give_the_same_decision(
    world: World, names: list[str], data: Any, minutes: int
) -> None:
    name = data.draw(st.sampled_from(names))
    moved = _moved(world.data(name), minutes)
    assume(moved != world.data(name))
    assert world.whole(world.decide(moved, world.days[name])) == world.whole(world.decision(name))


# --- amounts --------------------------------------------------------------------------------------------------------


@SOME
@given(numbers=boxes, more=st.sampled_from(BOXES), added=st.integers(1, 500))
def test_one_more_box_never_lowers_the_amount_and_none_passes_the_cap(
    world: World, numbers: dict[str, int], more: str, added: int
) -> None:
    before = world.request("solde", BALANCE, _directory(numbers)).amounts
    after = world.request("solde", BALANCE, _directory({**numbers, more: numbers[more] + added})).amounts
    for name in ("total_ht", "total_ttc", "solde_ht", "solde_ttc"):
        assert before[name] <= after[name]
    assert Decimal("6666.67") <= before["total_ht"] <= after["total_ht"] <= CAP


@SOME
@given(numbers=boxes, rate=rates)
def test_advance_and_balance_make_the_total_to_the_cent_for_any_boxes_and_any_rate(
    world: World, numbers: dict[str, int], rate: str
) -> None:
    advance = (Decimal("6666.67") * (1 + Decimal(rate))).quantize(CENT, ROUND_HALF_UP)
    paid = [{"demande": "avance", "montant": f"{advance:.2f}", "paye_le": "2023-05-04"}]
    changes = {**_directory(numbers), "operateur.tva": {"regime": "assujetti", "taux": rate}, "paiements": paid}
    amounts = world.request("solde", BALANCE, changes).amounts
    assert amounts["avance_ttc"] == amounts["avance_versee"] == advance
    assert amounts["avance_ttc"] + amounts["solde_ttc"] == amounts["total_ttc"]
    assert amounts["total_ttc"] == (amounts["total_ht"] * (1 + Decimal(rate))).quantize(CENT, ROUND_HALF_UP)
    assert amounts["avance_ht"] + amounts["solde_ht"] == amounts["total_ht"]


@SOME
@given(numbers=boxes, paid=st.integers(1, 30_000_000).map(lambda cents: f"{Decimal(cents) / 100:.2f}"))
def test_what_was_really_paid_is_taken_off_and_never_more_is_due_than_the_total(
    world: World, numbers: dict[str, int], paid: str
) -> None:
    changes = {**_directory(numbers), "paiements": [{"demande": "avance", "montant": paid, "paye_le": "2023-05-04"}]}
    answer = world.request("solde", BALANCE, changes)
    assert answer.amounts["solde_ttc"] == answer.amounts["total_ttc"] - Decimal(paid)
    assert answer.accepted == (answer.amounts["solde_ttc"] >= 0)


@SOME
@given(numbers=boxes, paid=st.lists(st.integers(-99_999_999_999_999, 0), min_size=1, max_size=3), due=st.booleans())
def test_nothing_is_proposed_or_accepted_on_a_payment_that_is_none(
    world: World, numbers: dict[str, int], paid: list[int], due: bool
) -> None:
    rows = [{"demande": "avance", "montant": f"{Decimal(cents) / 100:.2f}", "paye_le": "2023-05-04"} for cents in paid]
    advance = [{"demande": "avance", "montant": "8000.00", "paye_le": "2023-05-04"}] if due else []
    answer = world.request("solde", BALANCE, {**_directory(numbers), "paiements": [*advance, *rows]})
    assert "solde_ttc" not in answer.amounts
    assert answer.verdict == "completer"


# --- what is optional -----------------------------------------------------------------------------------------------

texts = st.sampled_from(("Tiers Exemple", "X", "Établissement d'à côté"))
flags = st.booleans()
numbers_of_service = st.sampled_from(("OPE-2023-0099", "OPE-TEST-1"))
sirets = st.sampled_from(("99991101900019", "99990101000010", "00000000000001"))
party = st.fixed_dictionaries({}, optional={"siret": sirets, "raison_sociale": texts, "courriel": texts})
# Data and pieces that no request needs, whatever they hold.
FOR_ALL: Final[dict[str, Any]] = {
    "reference": texts,
    "operateur.nature": st.sampled_from(("personne_morale", "personne_physique")),
    "operateur.representant_legal.qualite": texts,
    "operateur.depositaire.qualite": texts,
    "operateur.paiement.titulaire": texts,
    "enrolement.voie": st.sampled_from(("teleservice", "postale")),
    "enrolement.pieces_recues_le": st.just("2023-03-23T10:00:00+01:00"),
    "enrolement.pieces.rib.titulaire": texts,
    "enrolement.pieces.piece_identite.valide_jusqu_au": st.sampled_from(("2015-01-01", "2035-01-01")),
}
FOR_AN_ADVANCE: Final = {
    "avance.voie": st.sampled_from(("teleservice", "postale")),
    "avance.pieces_recues_le": st.just("2023-04-12T10:00:00+02:00"),
}
FOR_A_BALANCE: Final = {
    "solde.voie": st.sampled_from(("teleservice", "postale")),
    "solde.pieces_recues_le": st.just("2023-07-19T10:00:00+02:00"),
}
# What one profile or one tax regime asks for is indifferent to the other.
FOR_A_DEVELOPER: Final = {
    "operateur.fournisseur": party,
    "ans.fournisseur": st.fixed_dictionaries({"contrat_operateur_signe": flags, "sur_liste": flags}),
    "enrolement.pieces.bon_de_commande": st.fixed_dictionaries(
        {}, optional={"nature": st.just("devis"), "signe": flags, "acheteur": party, "intitule_ligne": texts}
    ),
}
FOR_A_BUYER: Final = {
    "ans.referencement": st.fixed_dictionaries({}, optional={"numero": numbers_of_service, "sur_liste": flags}),
    "enrolement.pieces.attestation_referencement": st.fixed_dictionaries(
        {}, optional={"numero": numbers_of_service, "lisible": flags}
    ),
}
FOR_A_SUBJECT: Final = {
    "enrolement.pieces.attestation_non_assujettissement": st.fixed_dictionaries(
        {}, optional={"delivree_par": st.just("autre"), "lisible": flags}
    )
}
INVOICE: Final = st.fixed_dictionaries({}, optional={"mention_acquittee": flags, "acheteur_siret": sirets})


def _optional(content: dict[str, Any]) -> dict[str, Any]:
    """The optional data and pieces of a dossier, with what they may hold."""
    found = dict(FOR_ALL)
    developer = content["operateur"]["profil"] == "developpeur"
    found |= FOR_A_DEVELOPER if developer else FOR_A_BUYER
    if content["operateur"]["tva"]["regime"] == "assujetti":
        found |= FOR_A_SUBJECT
    if content["operateur"]["depositaire"]["est_representant_legal"]:
        found["enrolement.pieces.attestation_pouvoirs"] = st.fixed_dictionaries({}, optional={"lisible": flags})
    if "avance" in content:
        found |= FOR_AN_ADVANCE
    if "solde" in content:
        found |= FOR_A_BALANCE
        if developer:
            found["solde.pieces.facture_acquittee"] = INVOICE
    return found


@SOME
@given(name=st.sampled_from(ACCEPTED), data=st.data())
def test_an_accepted_dossier_stays_accepted_whatever_optional_data_and_pieces_are_added(
    world: World, name: str, data: Any
) -> None:
    choices = _optional(world.data(name))
    added = data.draw(st.lists(st.sampled_from(sorted(choices)), min_size=1, unique=True))
    decision = world.decision(name, {path: data.draw(choices[path], label=path) for path in added})
    assert decision.accepted, [world.answer(decision, r.name) for r in decision.requests]


@SOME
@given(name=st.sampled_from(ACCEPTED), data=st.data())
def test_an_answer_to_a_question_that_is_not_asked_changes_nothing(
    world: World, pack: Pack, name: str, data: Any
) -> None:
    decision = world.decision(name, {"appreciations": data.draw(_answers(pack))})
    assert world.whole(decision) == world.whole(world.decision(name))


def _answers(pack: Pack) -> st.SearchStrategy[dict[str, Any]]:
    """Recorded answers to any of the pack's questions, any of the answers that they propose."""
    who = {"auteur": "Agent", "motif": "Motif", "le": "2022-10-01", "expire_le": "2099-12-31"}
    questions = {
        rule.id: st.sampled_from([{"reponse": word, **who} for word in rule.answers])
        for rule in pack.rules.values()
        if rule.question is not None
    }
    return st.fixed_dictionaries({}, optional=questions)


# --- what never gets through ----------------------------------------------------------------------------------------


@SOME
@given(data=st.data())
def test_a_late_request_is_never_accepted_whatever_else_happens_to_the_dossier(
    world: World, pack: Pack, leaves: Any, data: Any
) -> None:
    request = data.draw(st.sampled_from(sorted(LIMITS)))
    name = data.draw(st.sampled_from([n for n in ACCEPTED if request in world.data(n)]))
    late = LIMITS[request] + data.draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
    content = world.data(name)
    paths = [p for p in leaves(content) if p not in (("programme",), (request, "recue_le"))]
    for path in data.draw(st.lists(st.sampled_from(paths), max_size=6, unique=True)):
        _drop(content, path)
    content.setdefault(request, {})["recue_le"] = late.isoformat()
    answers = data.draw(_answers(pack))
    question = {"avance": "AVA-VOIE-POSTALE", "solde": "SOL-VOIE-POSTALE"}[request]
    retained = answers.get(question, {}).get("reponse") == "envoi_retenu"
    content["appreciations"] = answers
    content[request]["voie"] = data.draw(st.sampled_from(("teleservice", "postale")))
    answer = world.answer(world.decide(content, date(2024, 12, 2)), request)
    if retained and content[request]["voie"] == "postale":
        assert answer.result(f"{request[:3].upper()}-DELAI") == "sans_objet"
    else:
        assert answer.verdict == "rejeter", answer


def _drop(content: dict[str, Any], path: tuple[str, ...]) -> None:
    node: Any = content
    for part in path[:-1]:
        node = node.get(part, {})
    node.pop(path[-1], None)


SMALL_PROGRAMME: Final = """
programme: af-ope-mss
titre: Programme d'essai
fuseau: Europe/Paris
schema: af-ope-mss/dossier.schema.json
profil: operateur.profil
versions: [{version: "1", a_partir_du: "2022-09-09", source: "Essai"}]
intervenants: {ans: {nom: l'ANS, a: à l'ANS}, asp: {nom: l'ASP, a: à l'ASP}}
demandes:
  enrolement: {titre: Demande d'enrôlement, racine: enrolement, reception: enrolement.recue_le}
"""
ONLY_A_BUYERS_RULE: Final = """
regles:
  - id: ENR-ESSAI
    titre: Une règle qui ne vise que l'Acheteur
    demandes: [enrolement]
    quand: operateur.profil = "acheteur"
    condition: operateur.siret est present
    si_faux: {consequence: completer, message: "Le SIRET manque.", reparation: "Indiquer le SIRET"}
    source: AF §3.1
    exigences: [REQ-3.1-05]
"""


def test_a_request_that_no_rule_concerns_is_not_accepted(world: World, tmp_path: Path) -> None:
    (tmp_path / "regles").mkdir()
    (tmp_path / "regles" / "essai.yaml").write_text(ONLY_A_BUYERS_RULE, "utf-8")
    (tmp_path / "parametres.yaml").write_text("parametres: {}\n", "utf-8")
    (tmp_path / "programme.yaml").write_text(SMALL_PROGRAMME, "utf-8")
    decider = open_programme(tmp_path).decider
    found = {}
    for name in ("enrolement-acheteur-complet", "enrolement-developpeur-complet"):
        answer = world.answer(world.decide(world.data(name), world.days[name], decider), "enrolement")
        found[answer.result("ENR-ESSAI")] = answer.verdict
    assert found == {"satisfait": "accepter", "sans_objet": "indecidable"}


@SOME
@given(data=st.data(), days=st.integers(0, (date(2023, 3, 7) - date(2022, 9, 9)).days))
def test_under_the_first_version_a_payment_is_rejected_or_not_decided(
    world: World, names: list[str], data: Any, days: int
) -> None:
    name = data.draw(st.sampled_from(names))
    decision = world.decide(world.data(name), date(2022, 9, 9) + timedelta(days=days))
    payments = {r.name: str(r.verdict) for r in decision.requests if r.name in LIMITS}
    assert set(payments.values()) <= {"indecidable", "rejeter"}, payments


# --- discretion -----------------------------------------------------------------------------------------------------

# Around the receipt of the balance, and on each side of the two readings of the end of controls.
instants = st.sampled_from(
    (
        "2023-07-18T10:59:59+02:00",
        "2024-02-01T10:00:00+01:00",
        "2025-06-30T23:59:59+02:00",
        "2025-07-01T00:00:00+02:00",
        "2025-09-28T14:00:00+02:00",
        "2025-09-28T14:00:01+02:00",
    )
)
dates = st.dates(date(2023, 7, 18), date(2025, 11, 1)).map(date.isoformat)
few = st.integers(0, 20_000)


def _noticed(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What a control found: whole, most of the time, or with data missing."""
    known = {"constate_le": instants, "constate_par": st.sampled_from(("ans", "asp")), **more}
    return st.fixed_dictionaries(known) | st.fixed_dictionaries(known) | st.fixed_dictionaries({}, optional=known)


CONTROLS: Final = st.fixed_dictionaries(
    {},
    optional={
        "declaration_erronee": _noticed(),
        "deploiement_non_realise": _noticed(),
        "retrait_referencement": _noticed(concerne=st.sampled_from(("operateur", "fournisseur"))),
        "declaration_bal_erronee": _noticed(**dict.fromkeys(BOXES, few)),
        "manquement": _noticed(nature=st.sampled_from(("complement_de_prix", "maintenance_facturee", "autre"))),
    },
)
notice = st.fixed_dictionaries(
    {},
    optional={
        "notifiee_le": dates,
        "delai_jours": st.integers(0, 120),
        "reponse": st.fixed_dictionaries(
            {},
            optional={
                "recue_le": dates,
                "nature": st.sampled_from(("remede", "observations")),
                "issue": st.sampled_from(("manquement_leve", "manquement_maintenu")),
            },
        ),
    },
)
CASES: Final = {
    "REC-DECLARATION-ERRONEE": "declaration_erronee",
    "REC-DEPLOIEMENT": "deploiement_non_realise",
    "REC-RETRAIT-REFERENCEMENT": "retrait_referencement",
    "REC-DECLARATION-BAL": "declaration_bal_erronee",
    "REC-MANQUEMENT": "manquement",
}


@settings(max_examples=examples(300))
@given(data=st.data())
def test_a_case_of_undue_payment_is_only_ever_closed_by_a_human_and_never_asks_for_more_than_was_paid(
    world: World, data: Any
) -> None:
    name = data.draw(st.sampled_from(("recouvrement-declaration-erronee", "recouvrement-nombre-de-bal")))
    controls = data.draw(CONTROLS)
    notices = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(CASES.values(), notice)))
    reading = data.draw(st.sampled_from(("lecture_large", "lecture_stricte", "")))
    changes: dict[str, Any] = {"controles": controls, "mises_en_demeure": notices}
    if reading:
        who = {"auteur": "Agent", "motif": "Motif", "le": "2022-10-01", "expire_le": "2099-12-31"}
        changes["appreciations.REC-FENETRE"] = {"reponse": reading, **who}
    decision = world.decision(name, changes, au=data.draw(st.sampled_from(("2024-02-15", "2025-10-15", "2026-01-15"))))
    paid = sum(Decimal(payment["montant"]) for payment in world.data(name)["paiements"])
    for case in decision.recovery:
        issue = notices.get(CASES[case.rule], {}).get("reponse", {}).get("issue")
        if case.closed:
            assert (case.step, issue) == ("manquement_leve", "manquement_leve") or (
                case.step == "fenetre_fermee" and reading == "lecture_stricte"
            )
        else:
            assert case.missing or (case.step and case.message)
        assert case.amount.value is None or 0 <= case.amount.value <= paid


@SOME
@given(controls=CONTROLS)
def test_a_control_never_changes_what_was_due(world: World, controls: dict[str, Any]) -> None:
    base = "recouvrement-declaration-erronee"
    before, after = world.decision(base, {"controles": world.removed}), world.decision(base, {"controles": controls})
    for request in ("enrolement", "avance", "solde"):
        first, second = world.answer(before, request), world.answer(after, request)
        assert (first.verdict, first.amounts) == (second.verdict, second.amounts)


def test_a_payment_to_come_is_said_to_be_in_the_amounts_that_it_enters(world: World) -> None:
    content = world.data("recouvrement-declaration-erronee")
    content["paiements"][-1]["paye_le"] = "2080-01-01"
    decision = world.decide(content, world.days["recouvrement-declaration-erronee"])
    (case,) = decision.recovery
    (finding,) = (f for f in decision.recovery_findings if f.rule == "CAL-PAIEMENT-FUTUR")
    assert case.amount.value == Decimal("10709.83")
    assert "les montants calculés avec lui sont à revoir" in finding.message
