"""A simulation through its face: questions one by one, replies in words, what is shown in the end."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

import recevable
from recevable.applicants.simulation import (
    DOES_NOT_KNOW,
    LONGEST,
    MOST_REPLIES,
    NONE,
    InvalidReply,
    Question,
    Reply,
    Simulation,
    State,
    converted,
)
from recevable.applicants.words import likely, likely_amount
from recevable.decision.model import Verdict
from recevable.programme import Programme, open_programme

ROOT: Final = Path(recevable.__file__).parents[2]
DAY: Final = date(2023, 9, 4)
TYPED: Final = {
    "enrolement.recue_le": "02/11/2022 10:00",
    "avance.recue_le": "2023-07-01T10:00",
    "avance.pieces_recues_le": "01/07/2023 à 10 h 00",
    "solde.recue_le": "2023-07-18T11:00:00",
    "solde.pieces_recues_le": "18/07/2023 11h00",
    "ans.annuaire.contestees": "0",
    "operateur.tva.taux": NONE,
}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


@pytest.fixture(scope="module")
def second() -> Programme:
    return open_programme(ROOT / "tests" / "second_programme" / "prime-velo")


def best(question: Question) -> str:
    """The reply of somebody whose dossier is in order."""
    if question.options:
        first = question.options[0]
        return f"{first.reply}:8 000,00" if first.entry else first.reply
    return TYPED.get(question.key, "1 000")


def led(simulation: Simulation, **other: str) -> tuple[State, list[Reply]]:
    """A whole simulation, with some other replies (`__` for a dot)."""
    different = {key.replace("__", "."): reply for key, reply in other.items()}
    replies: list[Reply] = []
    state = simulation.state(replies)
    while state.question is not None:
        replies.append((state.question.key, different.get(state.question.key, best(state.question))))
        state = simulation.state(replies)
    return state, replies


@pytest.mark.parametrize("profile", ["developpeur", "acheteur"])
@pytest.mark.parametrize("request_", ["enrolement", "avance", "solde"])
def test_a_dossier_in_order_is_accepted(programme: Programme, request_: str, profile: str) -> None:
    simulation = Simulation(programme, request_, profile, DAY)
    state, replies = led(simulation)
    result = simulation.result(state)
    assert result.verdicts == (Verdict.ACCEPT,) == (result.decision.verdict,)
    assert (state.remaining, result.doubts, result.unasked) == (0, (), ())
    # nothing that was asked repeats: each question once
    assert len({key for key, _ in replies}) == len(replies)


def test_the_amount_of_the_balance_is_that_of_the_engine(programme: Programme) -> None:
    simulation = Simulation(programme, "solde", "acheteur", DAY)
    state, _ = led(simulation, ans__annuaire__applicatives="5", ans__annuaire__organisationnelles="200",
                   ans__annuaire__personnelles="15 000")  # fmt: skip
    result = simulation.result(state)
    # case B of the text: 86 124,32 € before tax
    assert likely_amount(result).endswith("95 349,18 €.".replace(" ", "\u202f", 1).replace(" €", "\u00a0€"))
    assert result.amount_known
    assert next(line.value for line in result.decision.amounts if line.name == "total_ht") == Decimal("86124.32")


def test_a_late_request_ends_at_once(programme: Programme) -> None:
    simulation = Simulation(programme, "avance", "acheteur", DAY)
    state, replies = led(simulation, avance__recue_le="26/07/2023 14:00:01")
    result = simulation.result(state)
    assert (result.verdicts, len(replies)) == ((Verdict.REJECT,), 1)
    assert likely(result) == "Votre demande serait rejetée."
    assert likely_amount(result) == ""


def test_what_a_human_judges_is_told_apart(programme: Programme) -> None:
    simulation = Simulation(programme, "avance", "acheteur", DAY)
    state, _ = led(simulation, operateur__tva__regime="3")
    result = simulation.result(state)
    assert result.verdicts == (Verdict.ACCEPT,)
    assert [one.rule for one in result.appraisals] == ["TVA-FRANCHISE-EXONERATION"]
    assert "sous réserve" in likely(result)


def test_not_knowing_everything_ends_and_promises_nothing(programme: Programme) -> None:
    simulation = Simulation(programme, "avance", "developpeur", DAY)
    replies: list[Reply] = []
    state = simulation.state()
    while state.question is not None:
        replies.append((state.question.key, DOES_NOT_KNOW))
        state = simulation.state(replies)
    result = simulation.result(state)
    assert set(result.verdicts) >= {Verdict.REJECT, Verdict.COMPLETE, Verdict.ACCEPT}
    assert not result.amount_known
    assert len(result.doubts) == len(replies)
    assert likely(result).startswith("Selon ce qui")


def test_a_reply_taken_back_is_asked_again(programme: Programme) -> None:
    simulation = Simulation(programme, "avance", "acheteur", DAY)
    _, replies = led(simulation)
    state = simulation.state([reply for reply in replies if reply[0] != "operateur.tva.regime"])
    assert state.question is not None
    assert state.question.key == "operateur.tva.regime"


# A whole dossier of the refurbishers, by field; nothing was paid.
IN_ORDER: Final = "complete"


@pytest.fixture(scope="module")
def refurbishers() -> Simulation:
    return Simulation(open_programme("reconditionneurs"), "aide", "societe", date(2023, 6, 1))


@pytest.mark.parametrize("there", [True, False])
def test_the_refurbishers_are_asked_in_words_and_never_by_the_title_of_a_field(
    refurbishers: Simulation, *, there: bool
) -> None:
    asked: list[Reply] = []
    state = refurbishers.state(asked)
    while state.question is not None:
        assert state.question.text.endswith(" ?")
        assert "›" not in state.question.text, state.question.key
        # a piece that is there has questions of its own
        known = there and state.question.key.startswith("aide.pieces.") and state.question.options
        asked.append((state.question.key, state.question.options[0].reply if known else DOES_NOT_KNOW))
        state = refurbishers.state(asked)
    assert len(asked) > 15
    assert refurbishers.result(state).decision.verdict is not Verdict.ACCEPT


def test_a_dossier_of_the_refurbishers_in_order_is_accepted_for_its_sum(refurbishers: Simulation) -> None:
    data = json.loads((ROOT / "fixtures" / "reconditionneurs" / f"{IN_ORDER}.json").read_bytes())
    result = refurbishers.result(refurbishers.from_fields({**_fields(refurbishers, data), "paiements": []}))
    assert (result.verdicts, result.decision.settled) == ((Verdict.ACCEPT,), False)
    assert result.decision.payable is not None
    assert result.decision.payable.value == Decimal("4000.00")


def _fields(simulation: Simulation, data: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The values of the fields that a simulation reads; what is there and holds others is `{}`."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        place = f"{path}.{name}" if path else name
        inside = isinstance(value, dict)
        found |= _fields(simulation, value, place) if inside else {}
        found |= {place: {} if inside else value}
    return {place: value for place, value in found.items() if place in simulation._fields}


def test_the_second_programme_needs_nothing_of_its_own(second: Programme) -> None:
    """A pack without `demandeurs.yaml`: every question comes from its schema."""
    for profile in second.profiles():
        for request in second.manifest.requests:
            simulation = Simulation(second, request, profile, date(2024, 5, 31))
            assert simulation.assumptions == ()
            for seed in range(4):
                chance = Random(seed)
                replies: list[Reply] = []
                state = simulation.state()
                while state.question is not None:
                    question = state.question
                    assert question.text
                    options = [one.reply for one in question.options] or [_plausible(question, chance)]
                    replies.append((question.key, chance.choice([*options, DOES_NOT_KNOW])))
                    state = simulation.state(replies)
                assert simulation.result(state).verdicts


def _plausible(question: Question, chance: Random) -> str:
    return {
        "entier": chance.choice(["0", "12 000"]),
        "montant": chance.choice(["1 500,00 €", "499,99"]),
        "date": "02/05/2024",
        "instant": "02/05/2024 10:00",
        "taux": "20 %",
    }.get(question.kind, "texte")


@pytest.mark.parametrize(
    ("key", "reply", "message"),
    [
        ("ans.espace_de_confiance", "3", "choisissez une des réponses"),
        ("ans.espace_de_confiance", "", "choisissez une des réponses"),
        ("ans.espace_de_confiance", "<script>", "choisissez une des réponses"),
        ("ans.annuaire.applicatives", "-5", "0"),
        ("ans.annuaire.applicatives", "douze", "entier"),
        ("ans.annuaire.applicatives", "12,5", "entier"),
        ("ans.annuaire.applicatives", "9" * 15, "10000000"),
        ("ans.annuaire.applicatives", "", "il manque une réponse"),
        ("ans.annuaire.applicatives", "1" * (LONGEST + 1), "dépasse"),
        ("solde.recue_le", "18/07/2023", "Le jour et l'heure, par exemple 26/07/2023 14:00."),
        ("solde.recue_le", "10", "« 10 » ne se lit pas"),
        ("solde.recue_le", "31/02/2023 10:00", "2023-02-31"),
        ("solde.recue_le", "18/07/0023 10:00", "année"),
        ("operateur.tva.taux", "200 %", "taux"),
        ("paiements", "1", "il manque une valeur"),
        ("paiements", "1:beaucoup", "montant"),
        ("paiements", "1:8000,123", "montant"),
        ("operateur.siret", "x", "cette question n'est pas posée"),
        ("inconnu", "x", "cette question n'est pas posée"),
        ("__class__", "x", "cette question n'est pas posée"),
    ],
)  # fmt: skip
def test_a_reply_that_is_none_is_refused_in_french(programme: Programme, key: str, reply: str, message: str) -> None:
    simulation = Simulation(programme, "solde", "acheteur", DAY)
    with pytest.raises(InvalidReply) as caught:
        simulation.state([(key, reply)])
    (diagnostic,) = caught.value.diagnostics
    assert message in f"{diagnostic.message} {diagnostic.help}"
    assert diagnostic.help
    # nobody typed a document: there is no root, and no form of instants
    assert not re.search(r"racine|AAAA|\bhh:", f"{diagnostic.message} {diagnostic.help}")


def test_too_many_replies_are_refused_unread(programme: Programme) -> None:
    simulation = Simulation(programme, "solde", "acheteur", DAY)
    with pytest.raises(InvalidReply):
        simulation.state([("ans.espace_de_confiance", "1")] * (MOST_REPLIES + 1))


def test_fields_given_at_once_are_checked_by_the_schema(programme: Programme) -> None:
    simulation = Simulation(programme, "avance", "acheteur", DAY)
    state = simulation.from_fields({"operateur.tva.regime": "assujetti", "avance.pieces.formulaire": None})
    assert state.outlook.verdicts == (Verdict.REJECT, Verdict.COMPLETE)
    with pytest.raises(InvalidReply) as caught:
        simulation.from_fields({"operateur.tva.regime": "assujeti", "solde.voie": "postale"})
    said = [one.message for one in caught.value.diagnostics]
    assert len(said) == 2
    assert "solde.voie" in " ".join(said)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("entier", "15 000", 15000), ("entier", "15\u202f000", 15000), ("entier", "-3", -3), ("entier", "1,5", "1,5"),
        ("montant", "8 000,00 €", "8000.00"), ("montant", "8000", "8000.00"), ("montant", "0,5", "0.50"),
        ("montant", "1,234", "1.234"), ("taux", "20 %", "0.2"), ("taux", "8,5%", "0.085"), ("taux", "0,20", "0.20"),
        ("date", "1/7/2023", "2023-07-01"), ("date", "2023-07-01", "2023-07-01"), ("date", "hier", "hier"),
        ("instant", "1/7/2023 9h", "2023-07-01T09:00:00"), ("instant", "2023-07-01T09:00", "2023-07-01T09:00:00"),
        ("instant", "26/07/2023 à 14:00:01", "2023-07-26T14:00:01"), ("instant", "26/07/2023", "26/07/2023"),
        ("texte", " a ", "a"),
    ],
)  # fmt: skip
def test_what_a_person_types_is_read_as_french_writes_it(kind: str, typed: str, value: object) -> None:
    assert converted(kind, typed) == value


@pytest.mark.parametrize("names", [("avanc", "acheteur"), ("avance", "vendeur")])
def test_an_unknown_request_or_profile_is_refused(programme: Programme, names: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="is none of"):
        Simulation(programme, *names, DAY)
