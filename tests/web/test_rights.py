"""Every address × every role × somebody else's objects: what is not yours does not exist, and nothing of it changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from tests.web.addresses import ADDRESSES, Address
from tests.web.conftest import DAY, PROGRAMME, People, rolled_back
from tests.web.test_pages import browser, get, joined, post, prepared, received
from tests.web.test_payments import accepted, signed
from tests.web.test_sending import letter_of

from recevable_web.actions import (
    acts,
    appraisals,
    batches,
    controls,
    dossiers,
    entry,
    exports,
    payment_files,
    payments,
    recovery,
    sending,
)
from recevable_web.records.models import (
    Account,
    CompletionRequest,
    Entry,
    Grant,
    Import,
    Letter,
    PackSubmission,
    Payment,
    Procedure,
    Role,
    Sending,
    Verdict,
)

ELSEWHERE = "prime-velo"
# What reading, signing in and signing out write.
_WRITTEN_BY_READING = {"Access", "AccountEvent", "Session", "Usage", "Evaluation", "EvaluationRequest", "LastVisit"}
# Large, and of no programme in particular.
_LARGE = {"PackFile", "PackVersion"}


@pytest.fixture(scope="module")
def made(_environment: None, _sqlite: str) -> Iterator[dict[str, Any]]:
    """The objects, made once: what the pages answer does not depend on the database."""
    with rolled_back(_sqlite), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *_: DAY)
        patch.setattr(settings, "UNCONFIRMED_LETTERS", True)
        yield made_by(People())


@pytest.fixture
def database(made: dict[str, Any]) -> Iterator[str]:
    """What a test writes beside them is undone."""
    with undone():
        yield "sqlite"


@pytest.fixture
def objects(made: dict[str, Any], database: str) -> dict[str, Any]:
    return made


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None], monkeypatch: pytest.MonkeyPatch) -> None:
    today(DAY)
    monkeypatch.setattr(settings, "UNCONFIRMED_LETTERS", True)


def named() -> Iterator[tuple[str, Any]]:
    """Every named address of the application, and its view."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, Any]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns)
            else:
                assert one.name, one
                yield one.name, one.callback

    yield from walk(get_resolver().url_patterns)


def ordered(instructor: Account, validator: Account) -> Payment:
    """A payment that a file has ordered."""
    payment = signed(instructor, validator, accepted(instructor, validator))
    payments.order(validator, PROGRAMME, payment_files.CSV)
    payment.refresh_from_db()
    return payment


def recovering(instructor: Account) -> Procedure:
    """A procedure of recovery that has just been opened."""
    dossier = received(instructor, "recouvrement-declaration-erronee")
    return recovery.open_finding(instructor, dossier, dossier.version, "REC-DECLARATION-ERRONEE", DAY, "Contrôle.")


def made_by(people: People) -> dict[str, Any]:
    """An object of each kind, in the programme: another part adds its own here."""
    instructor = people("ines", Role.INSTRUCTOR)
    draft = prepared(instructor)
    asking = received(instructor, "appreciation-regroupement-a-demander")
    held = Grant.objects.get(account=instructor)
    typed = Entry.objects.create(
        programme=PROGRAMME, account=instructor, title="solde-cinq", channel=Entry.Channel.POST, received_on=DAY
    )
    programme = entry.programme_of(PROGRAMME)
    facts = entry.facts_form(programme, dossiers.latest(draft.dossier))
    signer = people("signataire", Role.VALIDATOR)
    payment = ordered(instructor, signer)
    completing = received(instructor, "solde-capture-absente")
    ask = acts.prepare(instructor, completing, completing.version, "solde", Verdict.COMPLETE)
    completion = CompletionRequest.objects.get(act=acts.sign(signer, ask))
    sent = [
        sending.send(instructor, letter_of(acts.sign(signer, one)), Sending.Channel.POST, DAY)
        for one in (
            acts.prepare(instructor, other, other.version, "solde", Verdict.COMPLETE)
            for other in (received(instructor, name) for name in ("solde-guide-pas-pdf", "solde-un-seul-guide"))
        )
    ]
    around = timezone.now().date()
    campaign = controls.draw(
        people("controleuse", Role.CONTROLLER), PROGRAMME, "Essai", around - timedelta(days=1),
        around + timedelta(days=1), 1, paid_only=False,
    )  # fmt: skip
    return {
        "sending": sent[0].pk, "sent": sent[1].pk,
        "channel": "lettre", "day": DAY.isoformat(), "why": "npai",
        "campaign": campaign.pk, "control": campaign.controls.get().pk,
        "completing": completing.pk, "completion": completion.pk, "reason": "Par erreur.",
        "letter": Letter.objects.order_by("pk")[0].pk,
        "procedure": recovering(instructor).pk,
        "payment": payment.pk, "payment_file": payment.file_id,
        "entry": typed.pk, "section": entry.form_of(programme).sections()[0].path, "fact": facts.sections()[0].path,
        "import": Import.objects.create(programme=PROGRAMME, format="json", account=instructor).pk,
        "dossier": draft.dossier_id, "draft": draft.pk, "request": "solde", "piece": joined(draft), "first": 1,
        "asking": asking.pk, "question": appraisals.open_questions(asking)[0].rule,
        "account": instructor.pk, "grant": held.pk, "evaluation": draft.evaluation_id,
        "programme": PROGRAMME, "profile": "acheteur",
        "export": exports.ask(instructor, PROGRAMME, exports.CSV).pk,
        "batch": batches.ask(instructor, PROGRAMME, DAY).pk,
        "submission": PackSubmission.objects.create(
            programme=PROGRAMME, label="1", reason="x", in_force_from=DAY, submitted_by=instructor, sha256="0" * 64
        ).pk,
    }  # fmt: skip


def place(address: Address, objects: dict[str, Any]) -> str:
    return reverse(address.name, kwargs={name: objects[what] for name, what in address.of.items()})


def asked(client: Client, address: Address, objects: dict[str, Any]) -> Any:
    there = place(address, objects)
    sent = {name: objects[what] for name, what in address.sends.items()}
    return post(client, there, **sent) if address.form else get(client, there)


def walked() -> list[Address]:
    """Every address, the one that signs out left to its own test."""
    return [one for one in ADDRESSES if one.name != "deconnexion"]


def written() -> dict[str, list[Any]]:
    """All that the database holds, but for what reading writes."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_app_config("records").get_models()
        if model.__name__ not in _WRITTEN_BY_READING | _LARGE
    }


def test_every_address_has_its_row() -> None:
    assert sorted(name for name, _ in named()) == sorted(one.name for one in ADDRESSES)


def test_the_pages_that_say_so_are_public_and_no_other() -> None:
    public = {one.name for one in ADDRESSES if one.public}
    assert {name for name, view in named() if getattr(view, "public", False)} == public


def test_without_signing_in_nothing_is_shown_and_nothing_is_done(objects: dict[str, Any]) -> None:
    before = written()
    for address in ADDRESSES:
        found = asked(browser(), address, objects)
        if address.public:
            assert found.status_code < 500, address
            continue
        assert found.status_code == (401 if address.form else 302), address
        assert address.form or found["Location"].startswith("/connexion?next="), address
        assert b"solde-cinq" not in found.content
    assert written() == before


@contextmanager
def undone() -> Iterator[None]:
    """Nothing of what is written stays: making the objects anew for each role would take longer than asking."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def test_each_role_finds_its_pages_and_no_other(
    people: People, objects: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for role in Role:
        with subtests.test(role=role), undone():
            _its_pages(people(f"quelqu-un-{role}", role), objects, role)


def _its_pages(account: Account, objects: dict[str, Any], role: Role) -> None:
    client = browser(account)
    before: dict[str, list[Any]] | None = written()
    # what the role may do comes last: nothing else changes anything
    for address in sorted(walked(), key=lambda one: role in one.does):
        if role in address.does:
            assert before is None or written() == before, "something was done that is not of the role"
            before = None
        found = asked(client, address, objects)
        if role in address.opens:
            assert found.status_code in (200, 302, 422) or address.public, (address, found.status_code)
        else:
            assert found.status_code == 404, (address, found.status_code)
    assert before is None or written() == before


def test_of_another_programme_nothing_exists_and_nothing_changes(
    people: People, objects: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for role in Role:
        with subtests.test(role=role), undone():
            _nothing(people(f"d-ailleurs-{role}", role, programme=ELSEWHERE), objects, role)


def _nothing(account: Account, objects: dict[str, Any], role: Role) -> None:
    client = browser(account)
    before = written()
    for address in walked():
        found = asked(client, address, objects)
        if role in address.elsewhere:
            assert found.status_code in (200, 302, 422) or address.public, (address, found.status_code)
            if not found.streaming:
                assert b"solde-cinq" not in found.content or address.name == "registre", address
        else:
            assert found.status_code == 404, (address, found.status_code)
    assert written() == before


def test_no_page_asks_more_of_the_database_than_eight_questions(people: People, objects: dict[str, Any]) -> None:
    """For whoever holds every role, and for the instructor whose entry and export they are."""
    for account in (people("toutes", *Role), Account.objects.get(pk=objects["account"])):
        client = browser(account)
        for address in walked():
            if not address.form:
                # what a process reads once: the rules of a pack
                asked(client, address, objects)
                with CaptureQueriesContext(connection) as found:
                    asked(client, address, objects)
                queries = [one["sql"] for one in found if "SAVEPOINT" not in one["sql"]]
                assert len(queries) <= 8, (address.name, queries)


def test_a_page_that_is_not_yours_is_the_page_that_does_not_exist(people: People, objects: dict[str, Any]) -> None:
    client = browser(people("d-ailleurs", Role.INSTRUCTOR, programme=ELSEWHERE))

    def plain(there: str) -> str:
        return re.sub(r'value="[A-Za-z0-9]{32,}"', "", get(client, there).content.decode())

    for address in ADDRESSES:
        if address.of and not address.form and Role.INSTRUCTOR not in address.elsewhere:
            absent = {**objects, **{what: 999_999 for what in objects if isinstance(objects[what], int)}}
            assert plain(place(address, objects)) == plain(place(address, absent)), address


def test_a_number_that_no_row_has_is_an_object_that_does_not_exist(people: People, objects: dict[str, Any]) -> None:
    """Also one that SQLite takes in no question."""
    client = browser(people("toutes", *Role))
    for number in (2**63 - 1, 2**63, 10**30):
        far = {what: number if isinstance(value, int) else value for what, value in objects.items()}
        for address in ADDRESSES:
            if any(far[what] == number for what in address.of.values()):
                there = place(address, far)
                assert (post if address.form else get)(client, there).status_code == 404, there


def test_a_form_without_its_token_does_nothing(people: People, objects: dict[str, Any]) -> None:
    account = people("tout", Role.INSTRUCTOR, Role.VALIDATOR, Role.ADMINISTRATOR, Role.AUDITOR)
    client, before = browser(account, enforce_csrf_checks=True), written()
    for address in ADDRESSES:
        # a page that is only read refuses it too
        found = post(client, place(address, objects))
        assert found.status_code == (415 if address.name == "csp" else 403), address
        assert address.name == "csp" or "Cette demande est refusée" in found.content.decode()
    assert written() == before


def test_reading_never_does_what_a_form_does(people: People, objects: dict[str, Any]) -> None:
    client = browser(people("tout", Role.INSTRUCTOR, Role.VALIDATOR, Role.ADMINISTRATOR, Role.AUDITOR))
    before = written()
    for address in ADDRESSES:
        if address.form:
            assert get(client, place(address, objects)).status_code == 405, address
    assert written() == before


def test_what_may_be_seen_follows_the_rights_of_the_moment(people: People, objects: dict[str, Any]) -> None:
    """A right that is over, to come, taken back, or of an account that was closed opens nothing, in an open session."""
    there = place(next(one for one in ADDRESSES if one.name == "dossier"), objects)
    account = people("ephemere")
    client = browser(account)
    assert get(client, there).status_code == 404
    held = Grant.objects.create(account=account, role=Role.INSTRUCTOR, programme=PROGRAMME, starts=DAY, ends=DAY)
    assert get(client, there).status_code == 200
    Grant.objects.filter(pk=held.pk).update(revoked_at="2023-09-04T10:00:00Z")
    assert get(client, there).status_code == 404
    Grant.objects.create(
        account=account, role=Role.INSTRUCTOR, programme=PROGRAMME, starts=date(2023, 9, 5), ends=date(2023, 9, 6)
    )
    assert get(client, there).status_code == 404


@pytest.mark.parametrize(("day", "seen"), [(4, 404), (5, 200), (6, 200), (7, 404)])
def test_a_right_holds_from_its_first_day_to_its_last(
    people: People, objects: dict[str, Any], today: Callable[[date], None], day: int, seen: int
) -> None:
    account = people("interimaire")
    Grant.objects.create(
        account=account, role=Role.AUDITOR, programme=PROGRAMME, starts=date(2023, 9, 5), ends=date(2023, 9, 6)
    )
    today(date(2023, 9, day))
    assert get(browser(account), f"/dossiers/{objects['dossier']}").status_code == seen
