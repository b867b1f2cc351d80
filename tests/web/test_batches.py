"""Batches of re-evaluation: leases, what is kept, what moved, what is decided and stays, cancelling, faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.utils import timezone
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_spine import refused

import recevable
from recevable_web import packs
from recevable_web.actions import acts, batches, decisions, dossiers, leases
from recevable_web.jobs import worker
from recevable_web.records.models import (
    Account,
    Batch,
    BatchResult,
    BatchSlice,
    Dossier,
    Evaluation,
    Event,
    PackVersion,
    Role,
    State,
    Status,
    Verdict,
)

pytestmark = pytest.mark.both_databases

COMPLETE = "avance-acheteur-complete"
# Without an invoice: to be completed.
DEFECTIVE = "solde-cinq-defauts"
# Received later in September than the day of these tests: to be completed, then accepted.
EARLY = "solde-recu-140000-paris"
LATER = DAY + timedelta(days=40)


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def received(actor: Account, *names: str) -> list[Dossier]:
    return [dossiers.receive(actor, PROGRAMME, fixture(name), f"{name}.json") for name in names]


@cache
def stricter_files() -> dict[str, bytes]:
    """The shipped rules, but a balance request without its invoice is rejected."""
    files = recevable.open_programme(PROGRAMME).files()
    before, mark, after = files["regles/solde.yaml"].partition(b"id: SOL-FACTURE\n")
    assert mark
    changed = after.replace(b"consequence: completer", b"consequence: rejeter", 1)
    changed = changed.replace(
        b'      reparation: "Joindre la facture acquitt\xc3\xa9e de l\'Op\xc3\xa9rateur D\xc3\xa9veloppeur"\n', b"", 1
    )
    return {**files, "regles/solde.yaml": before + mark + changed}


@cache
def stricter() -> recevable.Programme:
    return recevable.open_programme(recevable.MemorySource(stricter_files(), "sans facture, rejet"))


def other_pack() -> PackVersion:
    return packs.store(stricter(), "sans facture, rejet")


def done(batch: Batch) -> Batch:
    worker.until_idle()
    batch.refresh_from_db()
    assert not BatchSlice.objects.filter(batch=batch, status__in=[Status.WAITING, Status.RUNNING]).exists()
    return batch


def moved(batch: Batch) -> list[tuple[str, str, str, str, bool]]:
    found = batch.results.order_by("dossier", "request")
    return [(one.dossier.reference, one.request, one.before, one.after, one.decided) for one in found]


# --- what a batch does ------------------------------------------------------------------------------------------------


def test_a_batch_evaluates_every_dossier_as_check_would(instructor: Account, today: Any) -> None:
    received(instructor, COMPLETE, DEFECTIVE)
    today(LATER)
    batch = done(batches.ask(instructor, PROGRAMME, LATER))
    assert batch.state == Batch.State.DONE
    assert batch.settled_at is not None
    assert batches.progress([batch])[batch.pk] == batches.Progress(2, 2, 0, 0, cut=True)
    programme = recevable.open_programme(PROGRAMME)
    found = Evaluation.objects.filter(on=LATER).select_related("version__dossier")
    assert len(found) == 2
    for one in found:
        read = programme.read(bytes(one.version.composed), one.version.dossier.reference)
        assert dossiers.decision(one) == programme.to_json(programme.decide(read, LATER))


def test_a_day_that_passes_is_told_with_the_rules_that_moved(instructor: Account, today: Any) -> None:
    (early, _) = received(instructor, EARLY, COMPLETE)
    before = early.versions.get().evaluations.get()
    today(LATER)
    (batch,) = batches.due(LATER)
    assert batches.due(LATER) == []
    done(batch)
    assert batch.kind == Batch.Kind.DAY
    (result,) = batch.results.all()
    assert (result.dossier, result.request, result.before, result.after) == (early, "solde", "completer", "accepter")
    assert (result.before_cents, result.after_cents, result.decided) == (None, 270_983, False)
    assert [rule for rule, _ in result.rules] == ["CAL-RECEPTION-FUTURE", "SOL-PIECES-FUTURES"]
    # the answer before is still there; where nothing moved, no answer is written
    assert set(early.versions.get().evaluations.all()) == {before, Evaluation.objects.get(on=LATER)}
    event = Event.objects.get(kind="reevaluation")
    assert event.account is None
    assert event.text.startswith(
        "Évalué de nouveau au 14 octobre 2023, réévaluation. solde : completer devient accepter"
    )
    assert "CAL-RECEPTION-FUTURE" in event.text


def test_rules_that_change_evaluate_all_and_tell_what_moved(instructor: Account, today: Any) -> None:
    defective, _ = received(instructor, DEFECTIVE, COMPLETE)
    (first,) = batches.due(DAY)
    done(first)
    packs.publish(other_pack(), DAY)
    (batch,) = batches.due(DAY)
    assert batch.kind == Batch.Kind.RULES
    # somebody has opened the dossier meanwhile: the answer before is still that of the rules before
    dossiers.evaluate(dossiers.latest(defective), DAY)
    done(batch)
    assert moved(batch) == [(defective.reference, "solde", "completer", "rejeter", False)]
    assert batch.results.get().rules == [["SOL-FACTURE", "Facture acquittée correspondant au bon de commande"]]
    assert Evaluation.objects.filter(pack=batch.pack).count() == 2
    assert "les règles ont changé" in Event.objects.get(kind="reevaluation").text
    assert batches.matrix(batch) == [
        {
            "decided": False, "request": "solde", "before": "completer", "after": "rejeter",
            "number": 1, "cents_before": None, "cents_after": None,
        }
    ]  # fmt: skip


def test_what_is_decided_never_changes_and_is_listed_as_it_would_have_been(
    instructor: Account, validator: Account
) -> None:
    (dossier,) = received(instructor, DEFECTIVE)
    draft = acts.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.ACCEPT, reason="Facture vue.", source="AF §6.2",
        fixed=decisions.Fixed(100, "Au vu de la facture."),
    )  # fmt: skip
    acts.sign(validator, draft)
    dossier.refresh_from_db()
    assert dossier.state == State.DECIDED
    state = (dossier.state, dossier.version, list(Evaluation.objects.order_by("pk").values()), Event.objects.count())
    done(batches.due(DAY)[0])
    packs.publish(other_pack(), DAY)
    batch = done(batches.due(DAY)[0])
    assert moved(batch) == [(dossier.reference, "solde", "accepter", "rejeter", True)]
    dossier.refresh_from_db()
    after = (dossier.state, dossier.version, list(Evaluation.objects.order_by("pk").values()), Event.objects.count())
    assert after == state


def test_a_trial_of_rules_keeps_nothing(instructor: Account) -> None:
    received(instructor, DEFECTIVE, COMPLETE)
    count = Evaluation.objects.count(), Event.objects.count()
    batch = done(batches.ask(instructor, PROGRAMME, DAY + timedelta(days=9), pack=other_pack()))
    assert [row[1:] for row in moved(batch)] == [("solde", "completer", "rejeter", False)]
    assert (Evaluation.objects.count(), Event.objects.count()) == count


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_those_of_the_programme_start_and_cancel(people: People, instructor: Account) -> None:
    for other in (people("ailleurs", Role.PUBLISHER, programme="prime-velo"), people("aude", Role.AUDITOR)):
        with refused("DROIT"):
            batches.ask(other, PROGRAMME, DAY)
    batch = batches.ask(instructor, PROGRAMME, DAY)
    assert list(batches.visible(people("ailleurs"))) == []
    assert list(batches.visible(people("aude"))) == [batch]
    with refused("DROIT"):
        batches.cancel(people("aude"), batch)
    with refused("EN-COURS"):
        batches.ask(instructor, PROGRAMME, DAY)


def test_a_batch_of_no_rules_or_of_tomorrow_is_refused(instructor: Account) -> None:
    with refused("REGLES"):
        batches.ask(instructor, PROGRAMME, date(2019, 1, 1))
    with refused("DATE"):
        batches.ask(instructor, PROGRAMME, DAY + timedelta(days=1))
    assert not Batch.objects.exists()


def test_a_programme_without_dossiers_is_done_at_once(instructor: Account) -> None:
    batch = done(batches.ask(instructor, PROGRAMME, DAY))
    assert batch.state == Batch.State.DONE
    assert batches.progress([batch])[batch.pk] == batches.Progress(0, 0, 0, 0, cut=False)


# --- leases -----------------------------------------------------------------------------------------------------------


def cut(instructor: Account, *names: str) -> tuple[Batch, BatchSlice]:
    """A batch that was cut, and its only slice, not taken."""
    received(instructor, *names)
    batch = batches.ask(instructor, PROGRAMME, DAY)
    first = leases.take(BatchSlice)
    assert first is not None
    assert first.rank == 0
    batches.work(first)
    return batch, batch.slices.get(rank=1)


def test_work_that_is_held_is_nobody_elses_until_its_lease_ends(instructor: Account) -> None:
    _, piece = cut(instructor, COMPLETE)
    held = leases.take(BatchSlice)
    assert held is not None
    assert held.pk == piece.pk
    assert leases.take(BatchSlice) is None
    past = timezone.now() - timedelta(seconds=1)
    BatchSlice.objects.filter(pk=piece.pk).update(leased_until=past)
    again = leases.take(BatchSlice)
    assert again is not None
    assert (again.pk, again.attempts) == (piece.pk, 2)
    # the first has lost it: what it does is not written
    with pytest.raises(leases.Lost):
        batches.work(held)
    assert not BatchResult.objects.exists()
    assert BatchSlice.objects.get(pk=piece.pk).owner == again.owner


def test_a_clock_that_went_back_strands_no_work(instructor: Account) -> None:
    _, piece = cut(instructor, COMPLETE)
    assert leases.take(BatchSlice) is not None
    BatchSlice.objects.filter(pk=piece.pk).update(leased_until=timezone.now() + timedelta(days=300))
    again = leases.take(BatchSlice)
    assert again is not None
    assert again.leased_until is not None
    assert again.leased_until < timezone.now() + 2 * leases.LEASE


def test_a_worker_that_stops_leaves_its_slice_to_another(instructor: Account) -> None:
    batch, piece = cut(instructor, COMPLETE)
    held = leases.take(BatchSlice)
    assert held is not None
    batches.work(held, stopping=lambda: True)
    piece.refresh_from_db()
    assert (piece.status, piece.owner, piece.attempts) == (Status.WAITING, "", 0)
    assert done(batch).state == Batch.State.DONE


def test_a_cancelled_batch_writes_no_more(instructor: Account) -> None:
    batch, _ = cut(instructor, COMPLETE, DEFECTIVE)
    held = leases.take(BatchSlice)
    assert held is not None
    batches.cancel(instructor, batch)
    before = Evaluation.objects.count()
    with pytest.raises(leases.Lost):
        batches.work(held)
    assert worker.until_idle() == 0
    batch.refresh_from_db()
    assert (batch.state, batch.failure) == (Batch.State.CANCELLED, "Annulée par Ines.")
    assert Evaluation.objects.count() == before
    with refused("TERMINE"):
        batches.cancel(instructor, batch)


def test_a_dossier_that_changes_while_it_is_decided_is_decided_again(
    instructor: Account, monkeypatch: pytest.MonkeyPatch, today: Any
) -> None:
    (dossier,) = received(instructor, "avance-postale-envoi-retenu")
    today(LATER)
    batch = batches.ask(instructor, PROGRAMME, LATER)
    answer = dossiers.answer
    seen: list[int] = []

    def meanwhile(programme: Any, version: Any, on: date) -> Any:
        found = answer(programme, version, on)
        seen.append(version.rank)
        if len(seen) == 1:
            dossiers.with_facts(instructor, dossier, dossier.version, {"ans": {"espace_de_confiance": True}}, "faits")
        return found

    monkeypatch.setattr(dossiers, "answer", meanwhile)
    done(batch)
    assert seen[0] == 1
    assert seen[-1] == 2
    assert batches.progress([batch])[batch.pk][:2] == (1, 1)
    assert not Evaluation.objects.filter(version__rank=1, on=LATER).exists()


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_dossier_that_cannot_be_evaluated_is_told_and_the_others_go_on(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, contradicted, broken, _ = received(instructor, COMPLETE, DEFECTIVE, EARLY, "avance-postale-envoi-retenu")
    answer = dossiers.answer

    def faulty(programme: Any, version: Any, on: date) -> Any:
        if version.dossier_id == wrong.pk:
            programme.read(b"{}")
        if version.dossier_id == contradicted.pk:
            raise recevable.Contradiction("MONTANT", ("A", "B"), (1, 2))
        if version.dossier_id == broken.pk:
            raise KeyError("FR76 secret")
        return answer(programme, version, on)

    monkeypatch.setattr(dossiers, "answer", faulty)
    batch = done(batches.ask(instructor, PROGRAMME, DAY))
    assert batch.state == Batch.State.DONE
    assert batches.progress([batch])[batch.pk] == batches.Progress(4, 4, 0, 3, cut=True)
    told = {one.dossier_id: one.failure for one in batch.results.all()}
    assert set(told) == {wrong.pk, contradicted.pk, broken.pk}
    assert told[wrong.pk].startswith("Les règles ne lisent plus ce dossier : ")
    assert told[contradicted.pk] == "Des règles se contredisent sur ce dossier : A, B."
    assert "secret" not in told[broken.pk]


def test_engines_that_disagree_stop_the_whole_batch(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    received(instructor, COMPLETE)

    def disagree(*_: Any) -> Any:
        raise recevable.EngineDisagreement("solde", "REGLE", 1, 2)

    monkeypatch.setattr(dossiers, "answer", disagree)
    batch = done(batches.ask(instructor, PROGRAMME, DAY))
    assert batch.state == Batch.State.STOPPED
    assert batch.failure.startswith("Les deux moteurs ne s'accordent pas")


def test_a_dossier_on_which_workers_die_is_set_aside(instructor: Account) -> None:
    batch, piece = cut(instructor, COMPLETE, DEFECTIVE)
    for _ in range(batches.ASIDE):
        assert leases.take(BatchSlice) is not None
        BatchSlice.objects.filter(pk=piece.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    done(batch)
    assert batches.progress([batch])[batch.pk] == batches.Progress(2, 2, 0, 1, cut=True)
    (result,) = batch.results.all()
    assert result.failure.startswith("Le calcul s'est interrompu plusieurs fois sur ce dossier")
    assert batch.state == Batch.State.DONE


def test_results_written_twice_are_one(instructor: Account, today: Any) -> None:
    """A worker that was killed after its commit and before it knew: the same group again."""
    today(DAY)
    received(instructor, DEFECTIVE)
    done(batches.due(DAY)[0])
    packs.publish(other_pack(), DAY)
    batch = done(batches.due(DAY)[0])
    assert batch.results.exists()
    before = (BatchResult.objects.count(), Evaluation.objects.count())
    again = batch.slices.get(rank=1)
    BatchSlice.objects.filter(pk=again.pk).update(status=Status.WAITING, reached=0)
    done(batch)
    assert (BatchResult.objects.count(), Evaluation.objects.count()) == before


def test_many_dossiers_are_cut_into_slices_that_cover_each_once(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SLICE", 2)
    monkeypatch.setattr(batches, "GROUP", 1)
    received(instructor, COMPLETE, DEFECTIVE, EARLY, "avance-postale-envoi-retenu", "appreciation-consignee")
    batch = done(batches.ask(instructor, PROGRAMME, DAY))
    sizes = [(one.size, one.done) for one in batch.slices.order_by("rank")]
    assert sizes == [(0, 0), (2, 2), (2, 2), (1, 1)]


def test_a_day_before_the_last_one_starts_nothing(instructor: Account) -> None:
    received(instructor, COMPLETE)
    assert len(batches.due(LATER)) == 1
    started = batches.due(DAY)
    assert [one.on for one in started] == [DAY]
    assert batches.due(DAY) == []


def test_the_instant_of_a_batch_is_known(instructor: Account) -> None:
    batch = done(batches.ask(instructor, PROGRAMME, DAY))
    assert isinstance(batch.settled_at, datetime)
    assert batch.asked_by == instructor
