"""What can still change a result: every completion of a partial dossier is compared with what was foretold of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

import recevable
from recevable.decision.model import RequestDecision, Verdict
from recevable.decision.outlook import UNSURE, OutlookReader, composed
from recevable.decision.possible import Possible, listed
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.language.types import Kind
from recevable.pack.source import MemorySource
from recevable.programme import Programme, open_programme

ROOT: Final = Path(recevable.__file__).parents[2]
PACKS: Final = {
    "af-ope-mss": ROOT / "rules" / "af-ope-mss",
    "prime-velo": ROOT / "tests" / "second_programme" / "prime-velo",
    "salaires": ROOT / "tests" / "second_programme" / "salaires",
}
DOSSIERS: Final = {
    "af-ope-mss": ROOT / "fixtures" / "af-ope-mss",
    "prime-velo": ROOT / "tests" / "second_programme" / "dossiers",
    "salaires": ROOT / "tests" / "second_programme" / "dossiers-salaires",
}
DAYS: Final = {
    "af-ope-mss": [date(2023, 9, 4), date(2022, 9, 1), date(2022, 12, 1), date(2023, 6, 30), date(2026, 1, 1)],
    "prime-velo": [date(2023, 6, 1), date(2024, 5, 31), date(2025, 3, 1), date(2027, 1, 1)],
    "salaires": [date(2023, 6, 1), date(2024, 2, 1), date(2027, 1, 1)],
}
TEXTS: Final = ("99990101000010", "99991101900019", "FR7630006000011234567890189", "TESTFRPPXXX", "x", "REF-1")
DATES: Final = ("2022-04-22", "2022-12-22", "2023-06-30", "2023-07-01", "2023-09-01", "2024-02-29", "2024-06-01")
INSTANTS: Final = (
    "2022-12-22T14:00:00+01:00", "2023-06-30T23:59:59+02:00", "2023-07-26T14:00:00+02:00", "2023-07-26T14:00:01+02:00",
    "2023-09-28T14:00:00+02:00", "2023-09-28T14:00:01+02:00", "2024-05-02T10:00:00+02:00", "2024-12-31T23:59:59+01:00",
)  # fmt: skip
NUMBERS: Final = (0, 1, 2, 5, 200, 15_000, 40_000)
AMOUNTS: Final = ("0.00", "8000.00", "6666.67", "499.99", "1500.00")
LISTS: Final[dict[str, tuple[list[dict[str, str]], ...]]] = {
    "af-ope-mss": ([], [{"demande": "avance", "montant": "8000.00"}]),
    "prime-velo": ([], [{"demande": "avance", "montant": "8000.00"}]),
    "salaires": (
        [],
        [{"verse_le": "2023-04-30", "taux_horaire": "11.27", "brut": "100.00"}],
        [{"verse_le": "2023-05-01", "taux_horaire": "11.30", "brut": "4000.00"}],
        [{"verse_le": "2022-05-01", "taux_horaire": "11.30"}],
    ),
}
# Dossiers tried by each property; continuous integration may ask for more.
TRIED: Final = int(os.environ.get("RECEVABLE_TEST_OUTLOOKS", "14"))

Result = tuple[Verdict, bool | None, Decimal | None]


class Case:
    """A request of a programme, its reader, and random dossiers for it."""

    def __init__(self, programme: Programme, name: str, request: str) -> None:
        self.programme, self.name, self.request = programme, name, request
        self.reader = OutlookReader(programme.decider, request)
        self.known = [
            flat(self.reader, json.loads(path.read_bytes())) for path in sorted(DOSSIERS[name].glob("*.json"))
        ]

    def value(self, chance: Random, path: str) -> Any:
        """A value that the schema lets a field have."""
        type_, bounds = self.reader.fields[path], self.reader.declared[path].bounds
        if type_.kind is Kind.BOOLEAN:
            return chance.random() < 0.7
        if type_.values:
            return chance.choice(type_.values)
        if type_.kind is Kind.INTEGER:
            return max(bounds.get("minimum", 0), chance.choice(NUMBERS))
        choices: dict[Kind, tuple[Any, ...]] = {
            Kind.DATE: DATES, Kind.INSTANT: INSTANTS, Kind.RATE: ("0.20", "0.085", "0"), Kind.AMOUNT: AMOUNTS,
            Kind.TEXT: TEXTS, Kind.OBJECT: ({},), Kind.LIST: LISTS[self.name],
        }  # fmt: skip
        return chance.choice(choices[type_.kind])

    def completed(self, chance: Random, answers: Mapping[str, Any], absent: float) -> dict[str, Any]:
        """A whole dossier that agrees with the answers: each open field at random, or not there."""
        found = {path: value for path, value in answers.items() if value is not UNSURE}
        for path in sorted(self.reader.fields, key=lambda one: one.count(".")):
            if path in found:
                continue
            if any(found.get(above, 0) is None for above in parents(path)):
                found[path] = None
                continue
            held = path == self.reader.request.root or path in self.reader.required
            held = held or any(one.startswith(f"{path}.") and value is not None for one, value in found.items())
            found[path] = None if not held and chance.random() < absent else self.value(chance, path)
        return found

    def start(self, chance: Random) -> dict[str, Any]:
        """A known dossier, or a random one."""
        if chance.random() < 0.7:
            return dict(chance.choice(self.known))
        profile = self.programme.manifest.profile
        return self.completed(chance, {profile: chance.choice(self.programme.profiles())}, chance.choice((0.05, 0.4)))

    def decided(self, answers: Mapping[str, Any], on: date) -> tuple[Result, RequestDecision] | None:
        """What the engine decides; None when the rules contradict each other on this dossier."""
        data = {"programme": self.programme.name, **composed(answers, self.reader.request.root)}
        try:
            found = self.programme.decide(Dossier(data, ""), on, [self.request]).request(self.request)
        except Contradiction:
            return None
        amount = None if found.verdict is Verdict.REJECT or found.proposed is None else found.proposed.value
        return (found.verdict, found.provisional if found.verdict is Verdict.ACCEPT else None, amount), found


def parents(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def flat(reader: OutlookReader, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dossier that a request reads, absent ones included."""
    found: dict[str, Any] = {}
    for path, type_ in reader.fields.items():
        node: Any = data
        for part in path.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        found[path] = {} if node is not None and type_.kind is Kind.OBJECT else node
    found[reader.request.root] = {}
    return found


def holds(found: Possible, value: Any) -> bool:
    if value is None:
        return found.unknown
    if found.values is not None:
        return value in found.values
    return (found.low is None or found.low <= value) and (found.high is None or value <= found.high)


def strict(programme: Programme) -> Programme:
    """The same, rejecting what is incomplete by the applicant's doing."""
    files = programme.files()
    before = files["programme.yaml"]
    files["programme.yaml"] = before.replace(b"    racine: prime\n", b"    racine: prime\n    completude: stricte\n")
    assert files["programme.yaml"] != before
    return open_programme(MemorySource(files, "stricte"))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    found = []
    for name, folder in PACKS.items():
        programme = open_programme(folder)
        found += [Case(programme, name, request) for request in programme.manifest.requests]
        if name == "prime-velo":
            found.append(Case(strict(programme), name, "prime"))
    return found


@pytest.mark.parametrize("seed", range(TRIED))
def test_what_is_not_asked_never_changes_the_result(cases: list[Case], seed: int) -> None:
    """Dossiers that agree on the answers and on every field that may be asked have one result, which was foretold."""
    chance = Random(seed)
    for case in chance.sample(cases, 2):
        on = chance.choice(DAYS[case.name])
        whole = case.start(chance)
        kept = chance.choice((0.3, 0.8, 0.97))
        profile = case.programme.manifest.profile
        answers = {
            path: UNSURE if chance.random() < 0.05 and path != profile else value
            for path, value in whole.items()
            if chance.random() < kept or path == profile
        }
        foretold = case.reader.read(answers, on)
        one = case.completed(chance, answers, chance.choice((0.05, 0.4)))
        first = case.decided(one, on)
        if first is None:
            continue
        (verdict, provisional, amount), _ = first
        assert verdict in foretold.verdicts
        if verdict is Verdict.ACCEPT:
            assert foretold.provisional in (None, provisional)
        if foretold.amount is not None and verdict is not Verdict.REJECT:
            assert holds(foretold.amount, amount), (foretold.amount, amount)
        matter = {*foretold.open, *foretold.unsure}
        fixed = {path: v for path, v in one.items() if path in matter or answers.get(path, UNSURE) is not UNSURE}
        for _ in range(2):
            other = case.completed(chance, fixed, chance.choice((0.0, 0.4, 0.9)))
            again = case.decided(other, on)
            if again is not None and all(other.get(path) == value for path, value in fixed.items()):
                assert again[0] == first[0], (case.request, on, answers)


@pytest.mark.parametrize("seed", range(TRIED // 2))
def test_a_whole_dossier_has_one_foretold_result_and_nothing_to_ask(cases: list[Case], seed: int) -> None:
    chance = Random(seed)
    for case in chance.sample(cases, 2):
        on = chance.choice(DAYS[case.name])
        whole = case.start(chance)
        decided = case.decided(whole, on)
        foretold = case.reader.read(whole, on)
        assert (foretold.open, foretold.unsure) == ((), ())
        if decided is not None:
            assert foretold.verdicts == (decided[0][0],)


@pytest.mark.parametrize("seed", range(TRIED // 2))
def test_not_knowing_never_improves(cases: list[Case], seed: int) -> None:
    """« Je ne sais pas » leaves possible all that any answer would give."""
    chance = Random(seed)
    for case in chance.sample(cases, 2):
        on = chance.choice(DAYS[case.name])
        whole = case.start(chance)
        answers = {path: value for path, value in whole.items() if chance.random() < 0.9}
        before = case.reader.read(answers, on)
        for path in before.open[:3]:
            unsure = case.reader.read({**answers, path: UNSURE}, on)
            assert path not in unsure.open
            for value in (case.value(chance, path), None):
                told = {**answers, path: value}
                if any(told.get(one) is not None and value is None for one in told if one.startswith(f"{path}.")):
                    continue
                assert set(case.reader.read(told, on).verdicts) <= set(unsure.verdicts)


def test_a_certain_rejection_leaves_nothing_to_ask(cases: list[Case]) -> None:
    case = next(case for case in cases if case.request == "avance")
    late = {
        "operateur.profil": "acheteur",
        "avance.recue_le": "2023-07-26T14:00:01+02:00",
        "avance.voie": "teleservice",
    }
    found = case.reader.read(late, date(2023, 9, 4))
    assert (found.verdicts, found.open) == ((Verdict.REJECT,), ())
    in_time = {**late, "avance.recue_le": "2023-07-26T14:00:00+02:00"}
    assert Verdict.ACCEPT in case.reader.read(in_time, date(2023, 9, 4)).verdicts


def test_a_piece_that_is_missing_leaves_its_defects_unasked(cases: list[Case]) -> None:
    case = next(case for case in cases if case.request == "enrolement")
    without = case.reader.read({"operateur.profil": "acheteur", "enrolement.pieces.rib": None}, date(2023, 9, 4))
    assert not [path for path in without.open if path.startswith("enrolement.pieces.rib")]
    # what already asks for completion leaves only what may reject
    assert Verdict.ACCEPT not in without.verdicts
    assert "enrolement.pieces.contrat_v2" not in without.open
    assert "ans.espace_de_confiance" in without.open


def test_an_amount_at_its_ceiling_no_longer_depends_on_how_much_is_added(cases: list[Case]) -> None:
    """Whatever the other numbers are, the amount is the ceiling; without one of them there is none."""
    case = next(case for case in cases if case.request == "solde")
    free: dict[str, Any] = {"operateur.tva.regime": "non_assujetti", "operateur.profil": "acheteur"}
    free |= {"paiements": [{"demande": "avance", "montant": "6666.67"}]}
    counted = {"ans.annuaire.extrait_le": "2023-06-30T12:00:00+02:00", "ans.annuaire.applicatives": 9000}
    found = case.reader.read({**free, **counted}, date(2023, 9, 4)).amount
    assert found is not None
    assert (found.values, found.unknown) == ((Decimal("243333.33"),), True)
    others = {"ans.annuaire.organisationnelles": 3, "ans.annuaire.personnelles": 5}
    assert case.reader.read({**free, **counted, **others}, date(2023, 9, 4)).amount == Possible((Decimal("243333.33"),))


def test_before_the_text_names_a_date_nothing_can_be_decided(cases: list[Case]) -> None:
    case = next(case for case in cases if case.request == "avance")
    answers = {"operateur.profil": "acheteur", "avance.recue_le": "2022-11-01T10:00:00+01:00"}
    assert Verdict.UNDECIDABLE in case.reader.read(answers, date(2022, 12, 1)).verdicts
    assert Verdict.ACCEPT not in case.reader.read(answers, date(2022, 12, 1)).verdicts


def test_a_recovery_is_no_request(cases: list[Case]) -> None:
    with pytest.raises(ValueError, match="no request"):
        OutlookReader(cases[0].programme.decider, "recouvrement")


def test_a_set_of_one_value_reads_nothing() -> None:
    assert listed((True, True), False, frozenset({"a"})) == Possible((True,))
    assert listed((True, False), False, frozenset({"a"})).reads == {"a"}
