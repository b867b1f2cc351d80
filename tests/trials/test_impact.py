"""The impact of a change: exactly the dossiers that flip, the rule that causes each, and euros that add up."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import yaml

from recevable import data
from recevable.decision.model import Decision
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import DiagnosticError
from recevable.language.types import AMOUNT
from recevable.outputs.impact import words
from recevable.outputs.impact.as_json import impact_data
from recevable.programme import open_programme
from recevable.trials.impact.compare import Compared, Comparison, Stopped, compare, compared
from recevable.trials.impact.model import (
    AmountChange,
    ChangeKind,
    DaySource,
    Impact,
    KeyChange,
    Origin,
    OriginKind,
    Proposed,
    Reason,
    RequestImpact,
    Side,
    Version,
)

PACK = data.shipped("rules") / "af-ope-mss"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "af-ope-mss"
SMALL = Path(__file__).parents[1] / "second_programme"
FIN = '{a_partir_du: "2023-03-08", valeur: "2023-07-26T14:00:00", source: "AF v1.1 §2, ligne du 26 juillet 2023"}'
Variant = Callable[..., Compared]


@pytest.fixture(scope="module")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """A copy of a pack with edits `(file, old, new, occurrence)`, made ready; without edits, the pack itself."""

    def make(pack: Path, *edits: tuple[str, str, str, int]) -> Compared:
        if not edits:
            return compared(open_programme(pack, prepared=False), pack.name)
        folder = Path(shutil.copytree(pack, tmp_path_factory.mktemp("paquet") / "rules" / pack.name))
        for file, old, new, occurrence in edits:
            text = (folder / file).read_text("utf-8")
            parts = text.split(old)
            assert len(parts) > occurrence, f"{old!r} in {file}"
            (folder / file).write_text(old.join(parts[:occurrence]) + new + old.join(parts[occurrence:]), "utf-8")
        schemas = folder.parent.parent / "schemas"
        if not schemas.exists():
            shutil.copytree(data.shipped("schemas"), schemas)
        return compared(open_programme(folder, prepared=False), folder.name)

    return make


def deadline(variant: Variant, day: str) -> Compared:
    """The shipped pack with the end of the advance moved to another day."""
    text = (PACK / "parametres.yaml").read_text("utf-8")
    before = text[: text.index("  fin_depot_avance:")]
    rank = before.count(FIN) + 1
    return variant(PACK, ("parametres.yaml", FIN, FIN.replace("2023-07-26T", f"{day}T"), rank))


@cache
def day_of(path: Path) -> date:
    """The day on which a fixture is decided."""
    return date.fromisoformat(yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))["au"])


def confronted(
    old: Compared, new: Compared, folder: Path = FIXTURES, requests: tuple[str, ...] = (), day: str = "2024-05-31"
) -> Impact:
    found = Comparison(old, new, requests)
    for path in sorted(folder.glob("*.json")):
        decided_on = day_of(path) if path.with_suffix(".attendu.yaml").exists() else date.fromisoformat(day)
        found.add(path.read_bytes(), decided_on, path.stem, source=DaySource.EXPECTED)
    return found.impact()


def verdicts(side: Compared, path: Path) -> dict[str, str]:
    """What the Decider answers by itself: the independent count that an impact is held to."""
    programme = side.programme
    decision: Decision = programme.decide(programme.read(path.read_bytes(), path.name), day_of(path))
    return {request.name: f"{request.verdict} {request.provisional}" for request in decision.requests}


# --- the bar ----------------------------------------------------------------------------------------------------------

# Counted by hand: advances received after the 26th at 14:00:00 and until the 27th at 14:00:00.
ONE_DAY_MORE = {
    "avance-recue-080001-martinique", "avance-recue-120001-utc", "avance-recue-140000-heure-d-hiver",
    "avance-recue-140000-utc", "avance-recue-140001-paris", "avance-recue-140001-sans-decalage",
    "avance-recue-le-lendemain", "solde-avance-tardive",
}  # fmt: skip


# Accepted but for a question on its pieces, received after 14:00:00: nobody has to answer it any more.
NO_LONGER_RESERVED = "avance-pieces-recues-apres-14h"


@pytest.fixture(scope="module")
def shipped(variant: Variant) -> Compared:
    return variant(PACK)


@pytest.fixture(scope="module")
def moved(variant: Variant, shipped: Compared) -> Callable[[str], tuple[Compared, Impact]]:
    """The pack with the end of the advance on another day, and what comes of it."""

    @cache
    def to(day: str) -> tuple[Compared, Impact]:
        other = deadline(variant, day)
        return other, confronted(shipped, other)

    return to


@pytest.fixture(scope="module")
def longer(moved: Callable[[str], tuple[Compared, Impact]]) -> Impact:
    """The end of the advance one day later."""
    return moved("2023-07-27")[1]


@pytest.fixture(scope="module")
def alone(shipped: Compared) -> dict[Path, dict[str, str]]:
    """What the shipped pack answers by itself to each fixture."""
    return {path: verdicts(shipped, path) for path in sorted(FIXTURES.glob("*.json"))}


def test_a_deadline_one_day_later_names_exactly_the_dossiers_that_flip(longer: Impact) -> None:
    assert {dossier.name for dossier in longer.dossiers if dossier.moved} == {*ONE_DAY_MORE, NO_LONGER_RESERVED}
    assert longer.moved == len(ONE_DAY_MORE) + 1
    flips = {
        (request.name, request.before.state, request.after.state, dossier.name == NO_LONGER_RESERVED)
        for dossier in longer.dossiers for request in dossier.requests if request.moved
    }  # fmt: skip
    assert flips == {
        ("avance", "rejeter", "accepter", False),
        ("avance", "accepter_sous_reserve", "accepter", True),
    }


@pytest.mark.thorough
@pytest.mark.parametrize("day", ["2023-07-25", "2023-07-27"])
def test_it_flips_as_the_two_packs_decide_by_themselves(
    alone: dict[Path, dict[str, str]], moved: Callable[[str], tuple[Compared, Impact]], day: str
) -> None:
    other, found = moved(day)
    expected = {path.stem for path, before in alone.items() if before != verdicts(other, path)}
    assert expected
    assert {dossier.name for dossier in found.dossiers if dossier.moved} == expected
    assert found.decided == len(alone)


def test_every_flip_is_due_to_the_rule_and_to_the_parameter(longer: Impact) -> None:
    for dossier in longer.dossiers:
        for request in dossier.requests:
            if request.moved and dossier.name != NO_LONGER_RESERVED:
                told = {
                    (cause.rule, cause.origins, cause.certain) for cause in request.causes if cause.effect == "verdict"
                }
                assert told == {("AVA-DELAI", (Origin(OriginKind.PARAMETER, "fin_depot_avance"),), True)}
                assert dossier.reasons[0] is Reason.NEWLY_ACCEPTED


def test_euros_are_the_sum_of_what_the_dossiers_say(longer: Impact) -> None:
    # eight are accepted, and the acceptance of a ninth waits for no human any more
    assert longer.payable.net == Decimal("72000.00") == Decimal("8000.00") * (len(ONE_DAY_MORE) + 1)
    assert longer.reserved.net == Decimal("-8000.00")
    told = [
        request.payable_difference
        for dossier in longer.dossiers for request in dossier.requests if request.payable_difference
    ]  # fmt: skip
    assert sum(told) == longer.payable.net
    assert (longer.payable.more_count, longer.payable.less_count) == (9, 0)
    assert (longer.reserved.more_count, longer.reserved.less_count) == (0, 1)
    assert {name: totals.moved for name, totals in longer.requests.items()} == {
        "enrolement": 0,
        "avance": 9,
        "solde": 0,
    }


@pytest.mark.parametrize(
    ("side", "payable", "reserved"),
    [
        (Side("accepter", proposed=Proposed(Decimal("8.00"), provisional=False)), "8.00", "0"),
        (Side("accepter", True, Proposed(Decimal("8.00"), provisional=False)), "0", "8.00"),
        (Side("accepter", proposed=Proposed(Decimal("8.00"), provisional=True)), "0", "8.00"),
        (Side("completer", True, Proposed(Decimal("8.00"), provisional=True)), "0", "0"),
        (Side("rejeter", proposed=Proposed(Decimal("8.00"), provisional=False)), "0", "0"),
        (Side("accepter", True, Proposed(None, provisional=True)), "0", None),
        (Side("accepter"), "0", "0"),
        (Side("absent"), "0", "0"),
        (Side("illisible"), None, None),
    ],
)
def test_what_an_appraisal_holds_back_is_not_to_be_paid_now(
    side: Side, payable: str | None, reserved: str | None
) -> None:
    assert side.payable == (None if payable is None else Decimal(payable))
    assert side.reserved == (None if reserved is None else Decimal(reserved))


def test_a_dossier_that_a_pack_cannot_decide_leaves_the_counts_as_they_were(variant: Variant, small: Compared) -> None:
    broken = variant(PRIME, ("regles/montants.yaml", "quand: non foyer_modeste", "quand: velo.electrique", 1))
    found = Comparison(small, broken)
    path = SMALL / "dossiers" / "acceptee.json"
    with pytest.raises(Stopped) as stopped:
        found.add(path.read_bytes(), date(2024, 5, 31), path.stem)
    assert isinstance(stopped.value.error, Contradiction)
    assert (found.impact().decided, found.impact().dossiers) == (0, ())


def test_what_changed_in_the_pack_is_the_parameter_alone(longer: Impact) -> None:
    (change,) = longer.changes.parameters
    (period,) = change.periods
    assert (change.part.origin.name, change.part.kind) == ("fin_depot_avance", ChangeKind.CHANGED)
    assert (period.start, period.end) == (date(2023, 3, 8), None)
    assert (longer.changes.rules, longer.changes.programme, longer.changes.schema) == ((), (), False)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("source", "source : (rien) → AF"),
        ("si_depasse.consequence", "conséquence (si dépassé) : (rien) → AF"),
        ("reponses[1].resume", "résumé (réponses n° 1) : (rien) → AF"),
        ("valeurs[3].source", "source (valeurs n° 3) : (rien) → AF"),
    ],
)
def test_a_key_of_a_file_is_said_in_words(key: str, said: str) -> None:
    assert words.key(KeyChange(key, None, "AF", effective=True)) == said


@pytest.mark.parametrize(
    ("name", "commit", "said"),
    [
        ("rules/aide", "", "rules/aide"),
        ("HEAD:rules/aide", "abc", "rules/aide tel qu'enregistré"),
        ("v1.2:rules/aide", "abc", "rules/aide en version v1.2"),
        ("C:rules", "", "C:rules"),
    ],
)
def test_where_a_pack_was_read_is_said_in_words(name: str, commit: str, said: str) -> None:
    assert words.version(Version(name, commit, "0" * 64)) == said


def test_steps_of_a_calculation_whose_result_stays_are_no_change_of_a_dossier() -> None:
    accepted = Side("accepter", proposed=Proposed(Decimal("8.00"), provisional=False))
    gained = AmountChange("etape", "Étape", AMOUNT, False, None, True, Decimal(3), ())
    recalculated = AmountChange("etape", "Étape", AMOUNT, True, Decimal(2), True, Decimal(3), ())
    assert not RequestImpact("avance", "Avance", accepted, accepted, amounts=(gained,)).changed
    assert not RequestImpact("avance", "Avance", accepted, accepted, amounts=(gained, recalculated)).changed
    # a request without an amount to propose is what its numbers are
    bare = Side("accepter")
    assert RequestImpact("avance", "Avance", bare, bare, amounts=(gained, recalculated)).changed


@pytest.mark.parametrize(("when", "idle"), [("foyer_modeste", ()), ("velo.prix < 0", ("NOUVELLE",))])
def test_a_rule_added_that_applies_to_no_dossier_is_told(
    variant: Variant, small: Compared, when: str, idle: tuple[str, ...]
) -> None:
    rule = f"""
  - id: NOUVELLE
    titre: Une règle de plus
    demandes: [prime]
    quand: {when}
    condition: velo.electrique
    si_faux: {{consequence: signaler, message: "Mineur."}}
    source: "Délibération, article 1"
"""
    last = "    nom: total_verse\n    source: Délibération, art. 6\n"
    added = variant(PRIME, ("regles/montants.yaml", last, last + rule, 1))
    found = Comparison(small, added)
    for path_ in sorted((SMALL / "dossiers").glob("*.json")):
        found.add(path_.read_bytes(), date(2024, 5, 31), path_.stem)
    impact = found.impact()
    assert impact.decided
    assert impact.idle == idle
    # a control more, without object or satisfied, is no other wording
    assert impact.reworded == 0
    told = "Aucun de vos dossiers ne remplit la condition de la règle ajoutée NOUVELLE"
    said = any(told in one for one in words.asides(impact, ()))
    assert said is bool(idle)


# --- properties -------------------------------------------------------------------------------------------------------


def test_a_pack_compared_with_itself_changes_nothing(shipped: Compared) -> None:
    found = confronted(shipped, shipped)
    assert (found.dossiers, found.reworded, found.changes.any) == ((), 0, False)
    assert found.decided == found.unchanged == len(list(FIXTURES.glob("*.json")))


@pytest.mark.thorough
def test_the_other_way_round_is_the_mirror(variant: Variant, shipped: Compared, longer: Impact) -> None:
    back = confronted(deadline(variant, "2023-07-27"), shipped)
    assert {d.name for d in back.dossiers} == {d.name for d in longer.dossiers}
    assert back.payable.net == -longer.payable.net
    for name, totals in longer.requests.items():
        assert back.requests[name].matrix == {(b, a): count for (a, b), count in totals.matrix.items()}
    moved = [d for d in back.dossiers if d.name != NO_LONGER_RESERVED]
    causes = [c for d in moved for r in d.requests for c in r.causes if c.effect == "verdict"]
    assert {(cause.rule, cause.before) for cause in causes} == {("AVA-DELAI", None)}
    flipped = {dossier.reasons[0] for dossier in back.dossiers if dossier.moved}
    assert flipped == {Reason.REJECTED, Reason.NOT_ACCEPTED}


def test_the_matrix_counts_every_request_once(longer: Impact) -> None:
    for name, totals in longer.requests.items():
        holders = [p for p in FIXTURES.glob("*.json") if f'\n  "{name}": {{' in p.read_text("utf-8")]
        assert sum(totals.matrix.values()) == len(holders)


# --- other changes, on the small programme ----------------------------------------------------------------------------

PRIME = SMALL / "prime-velo"
RULES = "regles/prime.yaml"


@pytest.fixture(scope="module")
def small(variant: Variant) -> Compared:
    return variant(PRIME)


def of(found: Impact, name: str) -> set[str]:
    """The reasons for which a dossier is to be looked at."""
    return {str(reason) for dossier in found.dossiers if dossier.name == name for reason in dossier.reasons}


def test_another_amount_moves_euros_without_moving_verdicts(variant: Variant, small: Compared) -> None:
    new = variant(PRIME, ("parametres.yaml", '"150.00"', '"149.99"', 1))
    found = confronted(small, new, SMALL / "dossiers")
    assert found.moved == 0
    assert of(found, "acceptee") == {"montant"}
    request = next(d for d in found.dossiers if d.name == "acceptee").requests[0]
    assert request.payable_difference == Decimal("-0.01")
    assert [cause.effect for cause in request.causes] == ["montant"]


@pytest.mark.parametrize(("day", "note"), [("2023-12-31", "Essayez --au 2024-01-01."), ("2024-01-01", "")])
def test_a_value_from_after_the_last_decision_is_said_to_show_nothing(
    variant: Variant, small: Compared, day: str, note: str
) -> None:
    new = variant(PRIME, ("parametres.yaml", '"150.00"', '"149.99"', 1))
    found = confronted(small, new, SMALL / "dossiers", day=day)
    (change,) = found.changes.parameters
    (period,) = change.periods
    assert period.start == date(2024, 1, 1)
    said = words.beyond(found, period)
    assert said.endswith(note)
    (written,) = impact_data(found, ())["paquet"]["parametres"]
    assert bool(said) == bool(note) == written["periodes"][0]["apres_les_decisions"]


def test_a_consequence_that_changes_is_told_with_its_key(variant: Variant, small: Compared) -> None:
    old = 'si_absente: {consequence: completer, message: "La facture'
    new = variant(PRIME, (RULES, old, old.replace("completer", "rejeter"), 1))
    found = confronted(small, new, SMALL / "dossiers")
    assert of(found, "a-completer") == {"devient_rejete"}
    (rule,) = found.changes.rules
    (key,) = rule.keys
    assert (rule.origin.name, key.key, key.before, key.after) == (
        "FACTURE", "si_absente.consequence", "completer", "rejeter",
    )  # fmt: skip


def test_a_reason_that_only_weighs_more_or_less_is_neither_new_nor_gone(variant: Variant, small: Compared) -> None:
    old = 'si_absente: {consequence: completer, message: "La facture'
    heavier = variant(PRIME, (RULES, old, old.replace("completer", "rejeter"), 1))
    for sides, expected in (
        ((small, heavier), ("completer", "rejeter", "Motif maintenu (demande un complément → rejette) : ")),
        ((heavier, small), ("rejeter", "completer", "Motif maintenu (rejette → demande un complément) : ")),
    ):
        (dossier,) = (d for d in confronted(*sides, SMALL / "dossiers").dossiers if d.name == "a-completer")
        (cause,) = (c for r in dossier.requests for c in r.causes if c.rule == "FACTURE")
        assert cause.before is not None
        assert cause.after is not None
        assert (cause.before.consequence, cause.after.consequence) == expected[:2]
        assert words.cause(cause) == expected[2] + "La facture du vélo manque."


NAMED = "beneficiaire.majeur = vrai et beneficiaire.nom != "


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (f'{NAMED}"Ada  Lovelace"', f'{NAMED}  "Ada  Lovelace"', False),
        (f'{NAMED}"Ada  Lovelace"', f'{NAMED}"Ada Lovelace"', True),
    ],
)
def test_of_spaces_only_those_of_a_text_count(variant: Variant, old: str, new: str, changed: bool) -> None:
    before, after = (variant(PRIME, (RULES, "beneficiaire.majeur = vrai", written, 1)) for written in (old, new))
    found = confronted(before, after, SMALL / "dossiers")
    assert bool(found.changes.rules) is changed
    said = "Les deux paquets ne diffèrent que par des commentaires ou leur mise en forme."
    assert (said in words.asides(found, ())) is not changed


def test_a_message_that_changes_is_wording_and_no_difference(variant: Variant, small: Compared) -> None:
    new = variant(PRIME, (RULES, '"La facture du vélo manque."', '"Il manque la facture."', 1))
    found = confronted(small, new, SMALL / "dossiers")
    assert found.dossiers == ()
    assert found.reworded >= 1
    (rule,) = found.changes.rules
    assert rule.effective is False


def test_a_rule_that_is_renamed_is_one_gone_and_one_new(variant: Variant, small: Compared) -> None:
    new = variant(PRIME, (RULES, "id: MAJORITE", "id: ADULTE", 1))
    found = confronted(small, new, SMALL / "dossiers")
    assert {(rule.origin.name, rule.kind) for rule in found.changes.rules} == {
        ("ADULTE", ChangeKind.ADDED), ("MAJORITE", ChangeKind.REMOVED),
    }  # fmt: skip
    assert found.moved == 0


def test_a_request_may_be_compared_alone(variant: Variant, small: Compared) -> None:
    old = 'si_absente: {consequence: completer, message: "La facture'
    new = variant(PRIME, (RULES, old, old.replace("completer", "rejeter"), 1))
    assert confronted(small, new, SMALL / "dossiers", ("adhesion",)).dossiers == ()
    assert confronted(small, new, SMALL / "dossiers", ("prime",)).moved >= 1


def test_a_dossier_that_no_schema_accepts_is_refused(small: Compared) -> None:
    with pytest.raises(DiagnosticError):
        Comparison(small, small).add(b"{}", date(2024, 5, 31))


@pytest.mark.thorough
def test_slices_compared_apart_and_merged_in_any_order_are_the_whole(variant: Variant, shipped: Compared) -> None:
    old, new = shipped, deadline(variant, "2023-07-27")
    paths = sorted(FIXTURES.glob("*.json"))[::4]
    whole = Comparison(old, new)
    tallies = []
    for rank in range(4):
        part = Comparison(old, new)
        for path in paths[rank::4]:
            part.add(path.read_bytes(), day_of(path), path.stem, source=DaySource.EXPECTED)
        # a tally travels from another process
        tallies.append(pickle.loads(pickle.dumps(part.tally)))
    for path in paths:
        whole.add(path.read_bytes(), day_of(path), path.stem, source=DaySource.EXPECTED)
    merged = Comparison(old, new)
    for tally in reversed(tallies):
        merged.tally.merge(tally)
    assert merged.impact() == whole.impact()
    assert impact_data(merged.impact(), []) == impact_data(whole.impact(), [])


def test_the_public_comparison_is_that_of_the_command(variant: Variant, small: Compared) -> None:
    found = compare(small.programme, small.programme)
    found.add((SMALL / "dossiers" / "acceptee.json").read_bytes(), date(2024, 5, 31))
    assert (found.impact().decided, found.impact().dossiers) == (1, ())
    with pytest.raises(ValueError, match="two programmes, prime-velo and af-ope-mss"):
        compare(small.programme, variant(PACK).programme)
