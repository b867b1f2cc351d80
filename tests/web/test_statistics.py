"""What is kept as it happens is what the facts give, whatever happened and in whatever order."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_batches import other_pack
from tests.web.test_spine import refused

from recevable_web import packs
from recevable_web.actions import acts, appraisals, batches, decisions, dossiers, statistics
from recevable_web.actions.refused import Refused
from recevable_web.actions.statistics import Key, Sums
from recevable_web.jobs import worker
from recevable_web.records.models import Account, Dossier, Draft, Role, State, StateChange, StatisticRow, Verdict

pytestmark = pytest.mark.both_databases

COMPLETE = "avance-acheteur-complete"
DEFECTIVE = "solde-cinq-defauts"
PAID = "recouvrement-complement-de-prix"
NAMES = (COMPLETE, DEFECTIVE, PAID, "appreciation-doublon")


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


class Clock:
    """The instant of the application, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2023, 9, 4, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", found)
    return found


# What an acceptance against the rules fixes, in cents.
FIXED = 1_234


def received(actor: Account, name: str = DEFECTIVE) -> Dossier:
    return dossiers.receive(actor, PROGRAMME, fixture(name), f"{name}.json")


def decided(
    instructor: Account, validator: Account, dossier: Dossier, verdict: Verdict, request: str = "solde"
) -> None:
    dossier.refresh_from_db()
    evaluation = dossiers.evaluate(dossiers.latest(dossier), timezone.localdate())
    against = verdict == Verdict.ACCEPT and evaluation.requests.get(name=request).verdict != verdict
    draft = acts.prepare(
        instructor, dossier, dossier.version, request, verdict, reason="Vu.", source="AF §6.2",
        fixed=decisions.Fixed(FIXED, "Vu.") if against else None,
    )  # fmt: skip
    acts.sign(validator, draft)
    dossier.refresh_from_db()


def kept(measure: str) -> dict[tuple[str, str], Sums]:
    found = statistics.totals(PROGRAMME)
    return {(key.request, key.name): sums for key, sums in found.items() if key.measure == measure}


def exact() -> None:
    assert statistics.totals(PROGRAMME) == statistics.recounted(PROGRAMME)


def test_a_dossier_that_comes_in_is_counted_with_its_reasons(instructor: Account) -> None:
    received(instructor)
    assert kept(statistics.RECEIVED) == {("", ""): Sums(1)}
    assert kept(statistics.PROPOSED)["solde", "completer"].number == 1
    reasons = kept(statistics.REASON)
    assert reasons["solde", "completer:SOL-FACTURE:absente"] == Sums(1)
    assert len([one for one in reasons if one[0] == "solde"]) == 5
    assert kept(statistics.STOCK) == {("", State.TO_INSTRUCT): Sums(1)}
    exact()


def test_time_at_the_agency_and_at_the_applicant_are_told_apart(
    instructor: Account, validator: Account, clock: Clock
) -> None:
    dossier = received(instructor)
    clock.now += timedelta(days=10)
    decided(instructor, validator, dossier, Verdict.COMPLETE)
    assert kept(statistics.AGENCY) == {}
    clock.now += timedelta(days=20, hours=1)
    answer = dossiers.composed(dossiers.latest(dossier))
    answer["operateur"]["contact"]["telephone"] = "01 99 00 10 21"
    dossiers.supplement(instructor, dossier, dossier.version, json.dumps(answer).encode(), "reponse.json")
    clock.now += timedelta(days=3)
    decided(instructor, validator, dossier, Verdict.ACCEPT)
    assert kept(statistics.AGENCY) == {("", "15"): Sums(1, 0, 13 * 86_400)}
    assert kept(statistics.APPLICANT) == {("", "30"): Sums(1, 0, 20 * 86_400 + 3_600)}
    # what comes after a decision is another time
    clock.now += timedelta(days=100)
    dossier.refresh_from_db()
    answer["operateur"]["contact"]["telephone"] = "01 99 00 10 22"
    dossiers.supplement(instructor, dossier, dossier.version, json.dumps(answer).encode(), "encore.json")
    clock.now += timedelta(days=2)
    decided(instructor, validator, dossier, Verdict.REJECT, "avance")
    assert kept(statistics.AGENCY) == {("", "15"): Sums(1, 0, 13 * 86_400), ("", "7"): Sums(1, 0, 2 * 86_400)}
    exact()


def test_a_clock_that_goes_back_gives_no_negative_time(instructor: Account, validator: Account, clock: Clock) -> None:
    dossier = received(instructor)
    clock.now -= timedelta(days=30)
    decided(instructor, validator, dossier, Verdict.ACCEPT)
    assert [sums.seconds for sums in kept(statistics.AGENCY).values()] == [0]
    exact()


def test_acts_are_counted_with_their_grounds_and_euros(instructor: Account, validator: Account) -> None:
    dossier = received(instructor, COMPLETE)
    decided(instructor, validator, dossier, Verdict.ACCEPT, "avance")
    (key,) = kept(statistics.DECIDED)
    assert key == ("avance", "accepter")
    assert kept(statistics.DECIDED)[key].cents > 0
    other = received(instructor)
    decided(instructor, validator, other, Verdict.COMPLETE)
    assert kept(statistics.GROUND)["solde", "completer:SOL-FACTURE:absente"] == Sums(1)
    exact()


def test_an_act_that_departs_from_the_proposal_lends_the_rules_no_ground(
    instructor: Account, validator: Account
) -> None:
    decided(instructor, validator, received(instructor), Verdict.ACCEPT)
    assert kept(statistics.DECIDED) == {("solde", "accepter"): Sums(1, FIXED)}
    assert kept(statistics.GROUND) == {}
    exact()


def test_what_was_paid_is_what_the_dossiers_say(instructor: Account, today: Any) -> None:
    today(DAY + timedelta(days=40))
    received(instructor, PAID)
    assert kept(statistics.PAID)["avance", ""].cents > 0
    exact()


def test_rows_are_merged_without_changing_what_they_add_up_to(instructor: Account, validator: Account) -> None:
    decided(instructor, validator, received(instructor), Verdict.COMPLETE)
    received(instructor, COMPLETE)
    before, rows = statistics.totals(PROGRAMME), StatisticRow.objects.count()
    spared = 0
    while found := statistics.merge():
        spared += found
    assert spared > 0
    # rows that add up to nothing are gone as well
    assert StatisticRow.objects.count() <= rows - spared
    assert statistics.totals(PROGRAMME) == before
    assert StatisticRow.objects.count() == len(before)


def test_a_period_holds_its_months_and_the_stock_always(instructor: Account, clock: Clock) -> None:
    received(instructor)
    assert statistics.totals(PROGRAMME, date(2030, 1, 1)).keys() == {
        Key(PROGRAMME, statistics.ALWAYS, statistics.STOCK, "", State.TO_INSTRUCT)
    }
    assert statistics.totals("prime-velo") == {}


def test_only_an_administrator_counts_again(people: People, instructor: Account) -> None:
    received(instructor)
    before = statistics.totals(PROGRAMME)
    StatisticRow.objects.filter(measure=statistics.REASON).delete()
    with refused("DROIT"):
        statistics.recount(instructor, PROGRAMME)
    statistics.recount(people("adam", Role.ADMINISTRATOR), PROGRAMME)
    assert statistics.totals(PROGRAMME) == before


def test_what_was_there_before_anything_was_counted_is_counted(instructor: Account) -> None:
    received(instructor)
    before = statistics.totals(PROGRAMME)
    StatisticRow.objects.all().delete()
    statistics.begin()
    statistics.begin()
    assert statistics.totals(PROGRAMME) == before


# Each step tries something on some dossier; what is refused changes nothing.
STEPS = ("receive", "prepare", "sign", "send back", "facts", "wait", "merge", "batch", "judge", "day")


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), min_size=5, max_size=25), st.integers(0, 2**32))
def _any_sequence(play: Callable[[list[str], int], None], steps: list[str], seed: int) -> None:
    play(steps, seed)


def test_after_any_sequence_of_actions_what_is_kept_is_what_the_facts_give(
    instructor: Account, validator: Account, clock: Clock, today: Any
) -> None:
    from django.db import transaction

    other = other_pack()

    def play(steps: list[str], seed: int) -> None:
        chance = random.Random(seed)
        with transaction.atomic():
            day = DAY
            today(day)
            clock.now = datetime(2023, 9, 4, 8, 0, tzinfo=UTC)
            names = list(NAMES)
            for step in ["receive", *steps]:
                clock.now += timedelta(hours=chance.randrange(1, 300))
                try:
                    with transaction.atomic():
                        day = _one(step, chance, names, day, instructor, validator, other)
                        today(day)
                except Refused:
                    continue
                exact()
            exact()
            transaction.set_rollback(True)

    _any_sequence(play)


def _one(
    step: str, chance: random.Random, names: list[str], day: date, instructor: Account, validator: Account, other: Any
) -> date:
    found = list(Dossier.objects.order_by("pk"))
    if step == "receive" and names:
        received(instructor, names.pop(chance.randrange(len(names))))
    elif step == "day":
        return day + timedelta(days=chance.choice([1, 35]))
    elif step == "batch":
        if chance.random() < 0.3:
            packs.publish(other, day)
        batches.due(day)
        worker.until_idle()
    elif step == "merge":
        statistics.merge()
    elif not found:
        return day
    else:
        dossier = chance.choice(found)
        drafts = list(dossier.drafts.filter(status=Draft.Status.PREPARED))
        if step == "prepare":
            request = chance.choice(["avance", "solde", "enrolement"])
            verdict = chance.choice(list(Verdict))
            acts.prepare(instructor, dossier, dossier.version, request, verdict, reason="Vu.", source="AF")
        elif step == "sign" and drafts:
            acts.sign(validator, drafts[0])
        elif step == "send back" and drafts:
            acts.send_back(validator, drafts[0], "À revoir.")
        elif step == "facts":
            facts = {"ans": {"espace_de_confiance": chance.random() < 0.5}}
            dossiers.with_facts(instructor, dossier, dossier.version, facts, "faits")
        elif step == "judge" and (lines := appraisals.open_questions(dossier)):
            line = chance.choice(lines)
            answer = chance.choice(list(line.answers))
            appraisals.record(instructor, dossier, dossier.version, line.rule, answer, "Vu.", date(2099, 1, 1))
    return day


def test_states_are_told_once_each(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    decided(instructor, validator, dossier, Verdict.COMPLETE)
    states = list(StateChange.objects.order_by("id").values_list("state", flat=True))
    assert states == [State.TO_INSTRUCT, State.TO_VALIDATE, State.TO_COMPLETE]
