"""The spine on both databases: what comes in, what the engine answers, who prepares and who signs, what is sealed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.web.conftest import DAY, FIXTURES, PROGRAMME, People, fixture

import recevable
from recevable_web import packs
from recevable_web.actions import acts, appraisals, dossiers, register, rights
from recevable_web.actions.refused import Refused
from recevable_web.overlay import compose, split
from recevable_web.records.models import (
    Account,
    Act,
    ActContent,
    Dossier,
    DossierVersion,
    Draft,
    Evaluation,
    Grant,
    Role,
    State,
    Verdict,
)

pytestmark = pytest.mark.both_databases

COMPLETE = "solde-cinq-defauts"
ACCEPTED = "solde-formulaire-incomplet"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def received(actor: Account, name: str = COMPLETE) -> Dossier:
    return dossiers.receive(actor, PROGRAMME, fixture(name), f"{name}.json")


def version_of(dossier: Dossier) -> int:
    return Dossier.objects.get(pk=dossier.pk).version


def refused(code: str) -> Any:
    class Match:
        def __enter__(self) -> None:
            self.raised = pytest.raises(Refused)
            self.info = self.raised.__enter__()

        def __exit__(self, *error: Any) -> Any:
            done = self.raised.__exit__(*error)
            assert self.info.value.code == code, self.info.value
            assert self.info.value.message.endswith("."), self.info.value
            return done

    return Match()


# --- payload and overlay ----------------------------------------------------------------------------------------------


def test_the_parts_of_every_known_dossier_are_put_together_again() -> None:
    fields = recevable.open_programme(PROGRAMME).fields()
    for path in sorted(FIXTURES.glob("*.json")):
        data = json.loads(path.read_bytes())
        payload, overlay = split(fields, data)
        assert compose(payload, overlay) == data, path.name
        assert "ans" not in payload
        assert "paiements" not in payload
        assert "raison_sociale" not in overlay.get("operateur", {})


def test_an_overlay_never_replaces_what_the_applicant_supplied() -> None:
    assert compose({"a": {"b": 1}}, {"a": {"c": 2}, "d": []}) == {"a": {"b": 1, "c": 2}, "d": []}
    with pytest.raises(ValueError, match="b"):
        compose({"a": {"b": 1}}, {"a": {"b": 2}})


# --- coming in --------------------------------------------------------------------------------------------------------


def test_a_stored_decision_is_what_check_prints(instructor: Account) -> None:
    dossier = received(instructor)
    version = dossiers.latest(dossier)
    evaluation = dossiers.evaluate(version, DAY)
    programme = recevable.open_programme(PROGRAMME)
    read = programme.read(bytes(version.composed), dossier.reference)
    assert dossiers.decision(evaluation) == programme.to_json(programme.decide(read, DAY))
    assert {one.name: one.verdict for one in evaluation.requests.all()}["solde"] == "completer"


def test_the_pack_of_the_database_is_the_one_that_was_stored(database: str) -> None:
    pack = packs.in_force(PROGRAMME, DAY)
    assert pack is not None
    assert packs.opened(pack.pk).digest == pack.digest == recevable.open_programme(PROGRAMME).digest
    assert packs.store(recevable.open_programme(PROGRAMME), "encore").pk == pack.pk
    assert packs.in_force(PROGRAMME, date(2019, 12, 31)) is None
    assert packs.in_force("autre", DAY) is None


def test_a_dossier_that_is_none_leaves_nothing(instructor: Account) -> None:
    with pytest.raises(recevable.InvalidDossier):
        dossiers.receive(instructor, PROGRAMME, b'{"programme": "af-ope-mss"}', "x.json")
    assert Dossier.objects.count() == 0


def test_a_reference_comes_in_once(instructor: Account) -> None:
    received(instructor)
    with refused("DOUBLON"):
        received(instructor)
    # the same under another name, and another under the same name
    with refused("DOUBLON"):
        dossiers.receive(instructor, PROGRAMME, fixture(COMPLETE), "autre.json")
    with refused("REFERENCE"):
        dossiers.receive(instructor, PROGRAMME, fixture(ACCEPTED), f"{COMPLETE}.json")
    assert Dossier.objects.count() == 1


def test_an_evaluation_is_stored_once_and_read_back_whole(instructor: Account) -> None:
    version = dossiers.latest(received(instructor))
    one = dossiers.evaluate(version, DAY)
    assert dossiers.evaluate(version, DAY).pk == one.pk
    assert dossiers.evaluate(version, DAY + timedelta(days=1)).pk != one.pk
    one.sha256 = "0" * 64
    with pytest.raises(ValueError, match="altered"):
        dossiers.decision(one)


# --- rights -----------------------------------------------------------------------------------------------------------


def test_only_an_instructor_of_the_programme_receives_dossiers(people: People, validator: Account) -> None:
    for other in (validator, people("autre", Role.INSTRUCTOR, programme="prime-velo"), people("personne")):
        with refused("DROIT"):
            received(other)


def test_a_right_ends_with_its_day_and_with_its_account(people: People, instructor: Account) -> None:
    assert rights.has(instructor, PROGRAMME, Role.INSTRUCTOR)
    Grant.objects.filter(account=instructor).update(ends=DAY)
    assert rights.has(instructor, PROGRAMME, Role.INSTRUCTOR)
    Grant.objects.filter(account=instructor).update(ends=DAY - timedelta(days=1))
    assert not rights.has(instructor, PROGRAMME, Role.INSTRUCTOR)
    Grant.objects.filter(account=instructor).update(ends=None)
    instructor.is_active = False
    instructor.save()
    assert not rights.has(instructor, PROGRAMME, Role.INSTRUCTOR)


def test_a_dossier_is_visible_to_readers_of_its_programme_only(people: People, instructor: Account) -> None:
    dossier = received(instructor)
    readers = [people(role.value, role) for role in (Role.VALIDATOR, Role.CONTROLLER, Role.AUDITOR)]
    assert all(dossier in rights.visible(one) for one in (instructor, *readers))
    others = [people(role.value, role) for role in (Role.ADMINISTRATOR, Role.DRAFTER, Role.PUBLISHER)]
    others.append(people("ailleurs", Role.INSTRUCTOR, programme="prime-velo"))
    assert not any(rights.visible(one).exists() for one in others)


# --- preparing and signing --------------------------------------------------------------------------------------------


def prepared(instructor: Account, verdict: Verdict = Verdict.COMPLETE, **more: Any) -> Draft:
    dossier = received(instructor)
    return acts.prepare(instructor, dossier, dossier.version, "solde", verdict, **more)


def test_an_act_that_follows_the_proposal_is_prepared_then_signed(instructor: Account, validator: Account) -> None:
    draft = prepared(instructor)
    assert draft.follows
    assert Dossier.objects.get().state == State.TO_VALIDATE
    act = acts.sign(validator, draft)
    assert (act.rank, act.kind, act.author, act.validator) == (1, "decision:completer", instructor, validator)
    assert Dossier.objects.get().state == State.TO_COMPLETE
    content = json.loads(bytes(ActContent.objects.get(act=act).content))
    assert (content["demande"], content["verdict"], content["suit_la_proposition"]) == ("solde", "completer", True)
    assert content["proposition"]["verdict"] == "completer"
    assert content["recu"]["paquet_sha256"] == recevable.open_programme(PROGRAMME).digest
    found = recevable.ledger.verify(register.export())
    assert (found.faults, found.acts, found.head) == ((), 1, act.digest)


def test_nobody_signs_what_they_prepared(people: People, instructor: Account) -> None:
    both = people("double", Role.INSTRUCTOR, Role.VALIDATOR)
    draft = prepared(both)
    with refused("QUATRE-YEUX"):
        acts.sign(both, draft)
    with refused("DROIT"):
        acts.sign(instructor, draft)
    # the database refuses too, whatever program writes
    for change in ({"status": "signe", "settled_by": both}, {"status": "signe", "settled_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Draft.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        register.append("essai", "x", b"{}", both, both)
    assert Act.objects.count() == 0


def test_departing_from_the_proposal_has_a_reason_and_a_source(instructor: Account, validator: Account) -> None:
    dossier = received(instructor)
    departures: tuple[dict[str, Any], ...] = ({}, {"reason": "Parce que."}, {"source": "AF §6"}, {"reason": " "})
    for more in departures:
        with refused("MOTIF"):
            acts.prepare(instructor, dossier, dossier.version, "solde", Verdict.REJECT, **more)
    draft = acts.prepare(
        instructor, dossier, dossier.version, "solde", Verdict.REJECT, reason="Pièce fausse.", source="AF §7"
    )
    assert not draft.follows
    content = json.loads(bytes(acts.sign(validator, draft).content.content))
    assert (content["motif"], content["source"], content["verdict"]) == ("Pièce fausse.", "AF §7", "rejeter")
    assert content["proposition"]["verdict"] == "completer"
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(
            dossier=dossier, request="solde", evaluation=draft.evaluation, verdict=Verdict.REJECT, follows=False,
            prepared_by=instructor,
        )  # fmt: skip


def test_a_draft_is_sent_back_with_what_is_to_be_looked_at(instructor: Account, validator: Account) -> None:
    draft = prepared(instructor)
    with refused("MOTIF"):
        acts.send_back(validator, draft, "  ")
    acts.send_back(validator, draft, "Revoir la capture.")
    assert Dossier.objects.get().state == State.TO_INSTRUCT
    for again in (lambda: acts.sign(validator, draft), lambda: acts.send_back(validator, draft, "Encore.")):
        with refused("DEJA-TRAITE"):
            again()
    acts.prepare(instructor, draft.dossier, version_of(draft.dossier), "solde", Verdict.COMPLETE)
    assert Act.objects.count() == 0


def test_one_draft_is_open_on_a_request(instructor: Account) -> None:
    draft = prepared(instructor)
    with refused("VERSION"):
        acts.prepare(instructor, draft.dossier, 1, "solde", Verdict.COMPLETE)
    with refused("DEJA-PREPARE"):
        acts.prepare(instructor, draft.dossier, version_of(draft.dossier), "solde", Verdict.COMPLETE)
    with refused("DEMANDE"):
        acts.prepare(instructor, draft.dossier, version_of(draft.dossier), "autre", Verdict.COMPLETE)


def test_a_signature_is_refused_when_the_dossier_moved(instructor: Account, validator: Account) -> None:
    draft = prepared(instructor)
    facts = {"ans": {"domaine_en_liste_blanche": True}}
    before = json.loads(bytes(dossiers.latest(draft.dossier).overlay))
    facts["ans"]["domaine_en_liste_blanche"] = not before.get("ans", {}).get("domaine_en_liste_blanche", False)
    dossiers.with_facts(instructor, draft.dossier, version_of(draft.dossier), facts, "ans")
    with refused("PERIME"):
        acts.sign(validator, draft)
    acts.send_back(validator, draft, "Le dossier a changé.")


def test_a_signature_is_refused_when_the_rules_in_force_moved(
    instructor: Account, validator: Account, database: str
) -> None:
    draft = prepared(instructor)
    opened = recevable.open_programme(PROGRAMME)
    files = opened.files()
    files["regles/avance.yaml"] += b"\n# relu\n"
    other = recevable.open_programme(recevable.MemorySource(files, "relu"))
    packs.publish(packs.store(other, "relu"), DAY)
    with refused("PERIME"):
        acts.sign(validator, draft)
    assert Act.objects.count() == 0


def test_a_signature_is_refused_when_the_day_decides_otherwise(
    instructor: Account, validator: Account, today: Callable[[date], None]
) -> None:
    """An appraisal that has expired between both is open again."""
    last = date(2023, 4, 17)
    today(last)
    dossier = received(instructor, "appreciation-dernier-jour")
    draft = acts.prepare(instructor, dossier, dossier.version, "avance", Verdict.ACCEPT)
    today(last + timedelta(days=1))
    with refused("PERIME"):
        acts.sign(validator, draft)
    today(last)
    assert acts.sign(validator, draft).rank == 1


# --- appraisals -------------------------------------------------------------------------------------------------------


def with_question(instructor: Account) -> tuple[Dossier, recevable.AppraisalLine]:
    """A known dossier on which the rules ask something."""
    for path in sorted(FIXTURES.glob("*.json")):
        dossier = received(instructor, path.stem)
        lines = [line for line in appraisals.open_questions(dossier) if str(line.state) == "ouverte"]
        if lines and any(one.provisional for one in dossiers.evaluate(dossiers.latest(dossier), DAY).requests.all()):
            return dossier, lines[0]
    raise AssertionError("no known dossier asks a question")


def test_an_answer_shows_what_it_would_decide_then_decides_it(instructor: Account, validator: Account) -> None:
    dossier, question = with_question(instructor)
    request = next(one for one in dossiers.evaluate(dossiers.latest(dossier), DAY).requests.all() if one.provisional)
    with refused("PROVISOIRE"):
        acts.prepare(instructor, dossier, version_of(dossier), request.name, Verdict(request.verdict))
    _, branches = appraisals.foreseen(dossiers.latest(dossier), question.rule)
    foreseen = dict(branches)
    assert set(foreseen) == {*question.answers, appraisals.NO_ANSWER}
    # an answer decides: its branch is no longer open, unlike the one without an answer
    states = {
        answer: next((str(line.state) for line in found.appraisals if line.rule == question.rule), "")
        for answer, found in foreseen.items()
    }
    assert states == {**dict.fromkeys(question.answers, "consignee"), appraisals.NO_ANSWER: "ouverte"}
    assert dossiers.latest(dossier).rank == 1
    answer = question.answers[0]
    version = appraisals.record(instructor, dossier, version_of(dossier), question.rule, answer, "Vu\nau dossier.", DAY)
    assert version.rank == 2
    assert bytes(version.payload) == bytes(DossierVersion.objects.get(dossier=dossier, rank=1).payload)
    decided = {one.name: one.verdict for one in dossiers.evaluate(version, DAY).requests.all()}
    assert decided == {one.name: str(one.verdict) for one in foreseen[answer].requests}
    assert version.appraisal.reason == "Vu au dossier."


def test_an_answer_is_one_of_the_question_with_its_reason(instructor: Account) -> None:
    dossier, question = with_question(instructor)
    seen = version_of(dossier)
    with refused("QUESTION"):
        appraisals.record(instructor, dossier, seen, "REGLE-INCONNUE", "oui", "Vu.", DAY)
    with refused("REPONSE"):
        appraisals.record(instructor, dossier, seen, question.rule, "peut_etre", "Vu.", DAY)
    for reason in ("  ", "x" * 501):
        with refused("MOTIF"):
            appraisals.record(instructor, dossier, seen, question.rule, question.answers[0], reason, DAY)
    with refused("TERME"):
        appraisals.record(instructor, dossier, seen, question.rule, question.answers[0], "Vu.", None)
    with refused("TERME"):
        appraisals.record(instructor, dossier, seen, question.rule, question.answers[0], "Vu.", DAY - timedelta(days=1))
    assert DossierVersion.objects.filter(dossier=dossier).count() == 1


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_rows_that_are_kept_cannot_be_changed(instructor: Account, validator: Account) -> None:
    acts.sign(validator, prepared(instructor))
    for table, column in (
        ("act", "subject"), ("dossierversion", "origin"), ("evaluation", "sha256"), ("publication", "programme"),
        ("packfile", "name"), ("packversion", "label"), ("evaluationrequest", "verdict"), ("event", "text"),
        ("actcontent", "content"),
    ):  # fmt: skip
        statements = [f"UPDATE records_{table} SET {column} = 'x'"]
        statements += [f"DELETE FROM records_{table}"] if table != "actcontent" else []
        for statement in statements:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_an_act_only_follows_the_last_one(instructor: Account, validator: Account) -> None:
    first = acts.sign(validator, prepared(instructor))
    for rank, previous in ((1, "0" * 64), (3, first.digest), (2, "0" * 64)):
        with pytest.raises(DatabaseError), transaction.atomic():
            Act.objects.bulk_create([_copy(first, rank, previous)])
    Act.objects.bulk_create([_copy(first, 2, first.digest)])


# only SQLite has INSERT OR REPLACE
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_replacing_an_act_is_refused(instructor: Account, validator: Account, database: str) -> None:
    first = acts.sign(validator, prepared(instructor))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO records_act SELECT * FROM records_act WHERE rank = %s", [first.rank])


def _copy(act: Act, rank: int, previous: str) -> Act:
    return Act(
        rank=rank, kind=act.kind, subject="autre", instant=act.instant, author=act.author, validator=act.validator,
        author_name=act.author_name, validator_name=act.validator_name, content_sha256=act.content_sha256,
        previous=previous, digest=f"{rank:064d}",
    )  # fmt: skip


def _proposed(dossier: Dossier) -> Verdict:
    found = Evaluation.objects.filter(version__dossier=dossier).latest("id").requests.get(name="solde")
    return Verdict(found.verdict)


def test_an_action_that_fails_leaves_nothing(
    instructor: Account, validator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = prepared(instructor)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(dossiers, "moved", broken)
    with pytest.raises(RuntimeError):
        acts.sign(validator, draft)
    assert Act.objects.count() == 0
    assert Draft.objects.get().status == Draft.Status.PREPARED
    assert Dossier.objects.get().state == State.TO_VALIDATE
    assert recevable.ledger.verify(register.export()).acts == 0


# --- the register -----------------------------------------------------------------------------------------------------


def test_the_head_is_the_last_act_s(instructor: Account, validator: Account) -> None:
    assert register.head() == (0, "0" * 64)
    act = acts.sign(validator, prepared(instructor))
    assert register.head() == (1, act.digest)
    assert recevable.ledger.verify(register.export(), register.head()[1]).faults == ()


def test_a_content_that_is_erased_without_a_purge_is_seen(instructor: Account, validator: Account) -> None:
    act = acts.sign(validator, prepared(instructor))
    ActContent.objects.filter(act=act).delete()
    (fault,) = recevable.ledger.verify(register.export()).faults
    assert (fault.rank, fault.message) == (1, "son contenu manque, et aucun acte de purge ne le dit")
