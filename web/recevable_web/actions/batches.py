"""Dossiers are evaluated again in a batch, because rules changed or a day passed.

A batch is cut into slices that workers take (`leases`).  A group of dossiers is decided, then written in one
transaction with how far the slice is: a worker that is killed between two statements leaves nothing of the group, and
results are unique by batch, dossier and request.  What an act has answered never changes: it is listed as what it
would have been.  A dossier that cannot be evaluated is listed, and the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, leases, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    READERS,
    UNFINISHED,
    Account,
    Batch,
    BatchResult,
    BatchSlice,
    Dossier,
    DossierVersion,
    Draft,
    Evaluation,
    EvaluationRequest,
    Event,
    PackVersion,
    Publication,
    Role,
    State,
    Status,
    Verdict,
)

# How many dossiers a slice holds, and how many are written together.
SLICE: Final = 500
GROUP: Final = 100
# Attempts without progress: after the first number dossiers go one by one, after the second the next one is set aside.
ALONE: Final = 3
ASIDE: Final = 6
# States in which a dossier waits for nobody's answer any more.
CLOSED: Final = (State.DECIDED,)
STARTERS: Final = (Role.PUBLISHER, Role.VALIDATOR, Role.INSTRUCTOR)
OBSERVERS: Final = (*READERS, Role.PUBLISHER, Role.DRAFTER)

_LOG = logging.getLogger(__name__)


# --- starting, listing, cancelling ------------------------------------------------------------------------------------


def ask(actor: Account, programme: str, on: date, *, pack: PackVersion | None = None) -> Batch:
    """Start a batch by the pack in force on a day; with `pack`, show what that pack would do, and keep nothing."""
    rights.require(actor, programme, *STARTERS)
    used = pack or packs.in_force(programme, on)
    if used is None or used.programme != programme:
        raise Refused("REGLES", "Aucune règle du programme n'est en vigueur ce jour-là.")
    if pack is None and on > timezone.localdate():
        raise Refused("DATE", "Les évaluations ne s'enregistrent pas d'avance : choisissez un jour déjà commencé.")
    going = Batch.objects.filter(programme=programme, state=Batch.State.RUNNING, asked_by__isnull=False)
    if going.exists():
        raise Refused("EN-COURS", "Une réévaluation demandée est déjà en cours : attendez sa fin, ou annulez-la.")
    kind = Batch.Kind.ASKED if pack is None else Batch.Kind.TRIAL
    return start(kind, used, on, f"{kind} {programme} {timezone.now().isoformat()} {actor.pk}", actor)


def start(kind: Batch.Kind, pack: PackVersion, on: date, name: str, actor: Account | None = None) -> Batch:
    """Start a batch; the same name is the same batch."""
    with transaction.atomic():
        found, created = Batch.objects.get_or_create(
            name=name,
            defaults={"kind": kind, "programme": pack.programme, "pack": pack, "on": on, "asked_by": actor},
        )
        if created:
            BatchSlice.objects.create(batch=found, rank=0)
    return found


def due(today: date) -> list[Batch]:
    """Start what the day asks for: a batch for each programme, of all dossiers when other rules are in force.

    Called as often as one likes: a programme has one batch a day, and one for each pack that comes into force.
    """
    found = []
    for programme in Publication.objects.values_list("programme", flat=True).distinct().order_by("programme"):
        pack = packs.in_force(programme, today)
        if pack is None:
            continue
        before = Batch.objects.filter(programme=programme, on__lte=today).exclude(kind=Batch.Kind.TRIAL)
        last = before.order_by("-id").first()
        if last is not None and last.on == today and last.pack_id == pack.pk:
            continue
        changed = last is not None and last.pack_id != pack.pk
        kind = Batch.Kind.RULES if changed else Batch.Kind.DAY
        found.append(start(kind, pack, today, f"{kind} {programme} {today} {pack.pk}"))
    return found


def visible(actor: Account) -> QuerySet[Batch]:
    """The batches of the programmes that somebody follows."""
    return Batch.objects.filter(programme__in=rights.programmes(actor, OBSERVERS))


def cancel(actor: Account, batch: Batch) -> None:
    """Stop a batch where it is: what was evaluated stays, nothing more is."""
    rights.require(actor, batch.programme, *STARTERS)
    with transaction.atomic():
        held = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
        if held.state != Batch.State.RUNNING:
            raise Refused("TERMINE", "Cette réévaluation n'est plus en cours.")
        held.state, held.settled_at = Batch.State.CANCELLED, timezone.now()
        held.failure = f"Annulée par {actor.name}."
        held.save(update_fields=["state", "settled_at", "failure"])
        leases.cancel(BatchSlice, batch=held)


class Progress(NamedTuple):
    """How far a batch is, in dossiers; `cut` once it is known how many there are."""

    size: int
    done: int
    moved: int
    failed: int
    cut: bool


def progress(batches: Iterable[Batch]) -> dict[int, Progress]:
    """How far batches are, in one question."""
    asked = BatchSlice.objects.filter(batch__in=[one.pk for one in batches])
    sums = asked.values("batch").annotate(
        size_=Sum("size"), done_=Sum("done"), moved_=Sum("moved"), failed_=Sum("failed"), last_=Max("rank")
    )
    return {
        row["batch"]: Progress(row["size_"], row["done_"], row["moved_"], row["failed_"], row["last_"] > 0)
        for row in sums.order_by()
    }


def matrix(batch: Batch) -> list[dict[str, Any]]:
    """How many requests moved from a verdict to another, with their euros before and after, those decided apart."""
    rows = batch.results.exclude(request="").values("decided", "request", "before", "after")
    counted = rows.annotate(number=Count("id"), cents_before=Sum("before_cents"), cents_after=Sum("after_cents"))
    return [dict(row) for row in counted.order_by("decided", "request", "-number", "before", "after")]


# --- a worker's turn --------------------------------------------------------------------------------------------------


def work(piece: BatchSlice, stopping: Callable[[], bool] = lambda: False) -> None:
    """Do a slice that was taken, group by group, until it is done or `stopping` says so.  Raises leases.Lost."""
    batch = Batch.objects.select_related("pack").get(pk=piece.batch_id)
    if piece.rank == 0:
        if piece.attempts > ASIDE:
            _stop(batch, piece, "La réévaluation n'a pas pu être préparée : signalez-le à l'administrateur.")
        else:
            _cut(batch, piece)
        return
    try:
        programme = packs.opened(batch.pack_id)
        while not stopping():
            group = _next(batch, piece)
            if not group:
                _finish(batch, piece)
                return
            if piece.attempts > ASIDE:
                _set_aside(batch, piece, group[0])
            else:
                _group(batch, piece, programme, group)
    except recevable.EngineDisagreement:
        _stop(batch, piece, "Les deux moteurs ne s'accordent pas : cette installation ne peut rien décider.")
        return
    except recevable.InvalidPack as error:
        _stop(batch, piece, f"Les règles ne peuvent pas être ouvertes : {error.diagnostics[0].message}.")
        return
    leases.give_back(piece)


def _cut(batch: Batch, piece: BatchSlice) -> None:
    """Cut a batch into slices of the dossiers that are there now."""
    wanted = Dossier.objects.filter(programme=batch.programme, erased=None)
    if batch.kind == Batch.Kind.DAY:
        wanted = wanted.exclude(state__in=CLOSED)
    slices: list[BatchSlice] = []
    reached = 0
    numbers = wanted.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000)
    for count, number in enumerate(numbers):
        if count % SLICE == 0:
            slices.append(BatchSlice(batch=batch, rank=len(slices) + 1, reached=reached))
        slices[-1].last, slices[-1].size, reached = number, slices[-1].size + 1, number
    with transaction.atomic():
        BatchSlice.objects.bulk_create(slices, batch_size=1_000)
        leases.settle(piece)
        if not slices:
            _end(batch)


def _next(batch: Batch, piece: BatchSlice) -> list[int]:
    """The next dossiers of a slice: one by one when the slice has killed workers."""
    wanted = Dossier.objects.filter(programme=batch.programme, erased=None, pk__gt=piece.reached, pk__lte=piece.last)
    if batch.kind == Batch.Kind.DAY:
        wanted = wanted.exclude(state__in=CLOSED)
    size = 1 if piece.attempts > ALONE else GROUP
    return list(wanted.order_by("pk").values_list("pk", flat=True)[:size])


def _group(batch: Batch, piece: BatchSlice, programme: recevable.Programme, numbers: Sequence[int]) -> None:
    """Decide a group, and write it with the progress of the slice; a dossier that changed meanwhile is done again."""
    left = list(numbers)
    while left:
        read = _read(batch, left)
        outcomes = {number: _outcome(batch, programme, one) for number, one in read.items()}
        with transaction.atomic():
            locked = Dossier.objects.select_for_update(of=("self",)).filter(pk__in=left).order_by("pk")
            versions = dict(locked.values_list("pk", "version"))
            # one without a version has nothing to be evaluated
            ready = [n for n in left if n not in read or versions.get(n) == read[n].dossier.version]
            left = [number for number in left if number not in ready]
            moved, failed = _write(batch, [outcomes[number] for number in ready if number in outcomes])
            leases.keep(
                piece,
                progress=not left,
                reached=piece.reached if left else numbers[-1],
                done=piece.done + len(ready),
                moved=piece.moved + moved,
                failed=piece.failed + failed,
            )


def _set_aside(batch: Batch, piece: BatchSlice, number: int) -> None:
    """Say of a dossier that workers died on it, and go on with the next."""
    failure = "Le calcul s'est interrompu plusieurs fois sur ce dossier : signalez-le à l'administrateur."
    with transaction.atomic():
        BatchResult.objects.bulk_create(
            [BatchResult(batch=batch, dossier_id=number, failure=failure)], ignore_conflicts=True
        )
        leases.keep(piece, progress=True, reached=number, done=piece.done + 1, failed=piece.failed + 1)


def _finish(batch: Batch, piece: BatchSlice) -> None:
    """End a slice, and the batch with the last one."""
    with transaction.atomic():
        held = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
        leases.settle(piece)
        if not held.slices.filter(status__in=UNFINISHED).exists():
            _end(held)


def _end(batch: Batch) -> None:
    running = Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING)
    running.update(state=Batch.State.DONE, settled_at=timezone.now())


def _stop(batch: Batch, piece: BatchSlice, failure: str) -> None:
    """Stop the whole batch: no other dossier would fare better."""
    with transaction.atomic():
        leases.settle(piece, Status.FAILED, failure=failure)
        leases.cancel(BatchSlice, batch=batch)
        running = Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING)
        running.update(state=Batch.State.STOPPED, settled_at=timezone.now(), failure=failure)


# --- a dossier --------------------------------------------------------------------------------------------------------


class Before(NamedTuple):
    """What was answered to a request."""

    verdict: str
    provisional: bool
    cents: int | None


class Read(NamedTuple):
    """A dossier as it was read: its last version, its last evaluation, and what acts have answered, by request."""

    dossier: Dossier
    version: DossierVersion
    evaluation: Evaluation | None
    proposed: Mapping[tuple[str, str], Before]
    decided: Mapping[tuple[str, str], Draft]


class Outcome(NamedTuple):
    """What came of a dossier: an answer with what moved, or why there is none."""

    read: Read
    answer: dossiers.Answer | None
    results: Sequence[BatchResult]
    failed: bool


def _same(batch: Batch) -> Q:
    """The evaluations that are no answer from before: those of the rules, or of the rules and the day, of the batch."""
    rules = Q(pack=batch.pack_id)
    return rules if batch.kind == Batch.Kind.RULES else rules & Q(on=batch.on)


def _read(batch: Batch, numbers: Sequence[int]) -> dict[int, Read]:
    """Dossiers with what is compared, in seven questions whatever their number."""
    found = Dossier.objects.in_bulk(numbers)
    versions: dict[int, DossierVersion] = {}
    ranks = DossierVersion.objects.filter(dossier__in=numbers).values("dossier").annotate(last=Max("rank"))
    last = {row["dossier"]: row["last"] for row in ranks.order_by()}
    whole = DossierVersion.objects.filter(dossier__in=numbers, rank__in=set(last.values()))
    for version in whole.defer("payload", "overlay"):
        if version.rank == last[version.dossier_id]:
            version.dossier = found[version.dossier_id]
            versions[version.dossier_id] = version
    evaluations: dict[int, Evaluation] = {}
    asked = Evaluation.objects.filter(version__in=[one.pk for one in versions.values()])
    # what somebody has already asked of the same rules is no answer from before; it stands in when there is no other
    sums = asked.values("version").annotate(last=Max("id"), before=Max("id", filter=~_same(batch))).order_by()
    chosen = [row["before"] or row["last"] for row in sums]
    for evaluation in Evaluation.objects.filter(pk__in=chosen).defer("decision_gz"):
        evaluations[evaluation.version_id] = evaluation
    proposed: dict[int, dict[tuple[str, str], Before]] = {}
    last_ones = [one.pk for one in evaluations.values()]
    for one in EvaluationRequest.objects.filter(evaluation__in=last_ones):
        answered = proposed.setdefault(one.evaluation_id, {})
        answered[one.name, one.key] = Before(one.verdict, one.provisional, one.payable_cents)
    decided: dict[int, dict[tuple[str, str], Draft]] = {}
    kinds = (Draft.Kind.DECISION, Draft.Kind.UNDOING)
    signed = Draft.objects.filter(kind__in=kinds, status=Draft.Status.SIGNED, dossier__in=numbers)
    binding = signed.exclude(verdict=Verdict.COMPLETE)
    binding = binding.select_related("evaluation__version").prefetch_related("evaluation__requests")
    for draft in binding.defer("evaluation__decision_gz").order_by("act__rank"):
        if draft.kind == Draft.Kind.DECISION:
            decided.setdefault(draft.dossier_id, {})[draft.request, draft.key] = draft
        else:
            decided.get(draft.dossier_id, {}).pop((draft.request, draft.key), None)
    read: dict[int, Read] = {}
    for number, version in versions.items():
        before = evaluations.get(version.pk)
        answers = {} if before is None else proposed.get(before.pk, {})
        read[number] = Read(found[number], version, before, answers, decided.get(number, {}))
    return read


def _outcome(batch: Batch, programme: recevable.Programme, read: Read) -> Outcome:
    """Decide a dossier and compare; a fault of the dossier is recorded, one of the installation is raised."""
    try:
        answer = dossiers.answer(programme, read.version, batch.on)
        results = list(_moves(batch, read, answer.decision))
    except recevable.InvalidDossier as error:
        return _failed(batch, read, f"Les règles ne lisent plus ce dossier : {error.diagnostics[0].message}.")
    except recevable.Contradiction as error:
        return _failed(batch, read, f"Des règles se contredisent sur ce dossier : {', '.join(error.rules)}.")
    except recevable.EngineDisagreement:
        raise
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one dossier, the others go on
        _LOG.error("dossier %d of batch %d: %s", read.dossier.pk, batch.pk, type(error).__name__)
        return _failed(batch, read, "Le calcul a échoué sur ce dossier : signalez-le à l'administrateur.")
    return Outcome(read, answer, results, failed=False)


def _failed(batch: Batch, read: Read, failure: str) -> Outcome:
    result = BatchResult(batch=batch, dossier=read.dossier, failure=failure)
    return Outcome(read, None, [result], failed=True)


def _moves(batch: Batch, read: Read, decision: recevable.Decision) -> Iterable[BatchResult]:
    """The requests whose verdict, reserve or amount moved, each with the rules that moved it."""
    now = {(one.name, one.key): one for one in decision.requests}
    for name, key in {**read.proposed, **now}:
        draft = read.decided.get((name, key))
        if draft is not None and batch.kind == Batch.Kind.DAY:
            continue
        was = read.proposed.get((name, key)) if draft is None else _answered(draft)
        after = now.get((name, key))
        is_ = None if after is None else Before(str(after.verdict), after.provisional, dossiers.cents_of(after))
        if was == is_ or (draft is not None and is_ is not None and was is not None and _same_act(was, is_, after)):
            continue
        evaluation = read.evaluation if draft is None else draft.evaluation
        yield BatchResult(
            batch=batch,
            dossier=read.dossier,
            request=name,
            key=key,
            decided=draft is not None or read.dossier.state in CLOSED,
            before="" if was is None else was.verdict,
            before_provisional=was is not None and was.provisional,
            before_cents=None if was is None else was.cents,
            after="" if is_ is None else is_.verdict,
            after_provisional=is_ is not None and is_.provisional,
            after_cents=None if is_ is None else is_.cents,
            rules=[] if after is None or evaluation is None else _rules(read, evaluation, after),
        )


def _answered(draft: Draft) -> Before:
    """What an act answered."""
    assert draft.evaluation is not None
    requests = draft.evaluation.requests.all()
    proposal = next((one for one in requests if (one.name, one.key) == (draft.request, draft.key)), None)
    cents = proposal.payable_cents if proposal is not None and draft.follows else draft.fixed_cents
    return Before(draft.verdict, False, cents)


def _same_act(was: Before, is_: Before, after: recevable.RequestDecision | None) -> bool:
    """Whether the rules would still answer what was decided: once it is paid, there is nothing left to pay."""
    settled = after is not None and after.settled is not False
    return was.verdict == is_.verdict and (settled or was.cents == is_.cents)


def _rules(read: Read, evaluation: Evaluation, after: recevable.RequestDecision) -> list[list[str]]:
    """The rules that moved a request, each with its title: the answer before is asked again of its own pack."""
    try:
        programme = packs.opened(evaluation.pack_id)
        version = read.version if evaluation.version_id == read.version.pk else evaluation.version
        before = dossiers.answer(programme, version, evaluation.on).decision.request(after.name, after.key)
    except (KeyError, recevable.InvalidDossier, recevable.InvalidPack):
        return []
    return [list(one) for one in recevable.movers(before, after)]


def _write(batch: Batch, outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Write what came of a group; returns how many dossiers moved, and how many failed."""
    results = [result for one in outcomes for result in one.results]
    BatchResult.objects.bulk_create(results, ignore_conflicts=True)
    moved = [one for one in outcomes if one.results and not one.failed]
    failed = sum(one.failed for one in outcomes)
    if batch.kind != Batch.Kind.TRIAL:
        kept = moved if batch.kind == Batch.Kind.DAY else outcomes
        # what is decided keeps the evaluation that it was decided on
        open_ = [one for one in kept if one.read.dossier.state not in CLOSED]
        dossiers.keep(batch.pack, batch.on, [one.answer for one in open_ if one.answer is not None])
        Event.objects.bulk_create(
            Event(dossier=one.read.dossier, account=None, kind="reevaluation", text=_words(batch, one.results))
            for one in moved
            if any(not result.decided for result in one.results)
        )
    return len(moved), failed


def _words(batch: Batch, results: Sequence[BatchResult]) -> str:
    """What moved, for the timeline of the dossier."""
    parts = []
    for one in results:
        if not one.decided:
            rules = ", ".join(rule for rule, _ in one.rules)
            sentence = f"{one.request} : {one.before or 'sans réponse'} devient {one.after or 'sans réponse'}"
            if one.before == one.after:
                sentence = f"{one.request} : {one.after}, mais le montant ou la réserve change"
            parts.append(sentence + (f" ({rules})" if rules else ""))
    why = "les règles ont changé" if batch.kind == Batch.Kind.RULES else "réévaluation"
    return f"Évalué de nouveau au {recevable.wording.day(batch.on)}, {why}. " + " ; ".join(parts) + "."
