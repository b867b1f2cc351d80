"""A pack is proposed, checked, approved by another person, and in force from its day."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from tests.web.conftest import DAY, People
from tests.web.small_pack import PROGRAMME, SCHEMA, archive, files, replaced
from tests.web.test_spine import refused

import recevable
from recevable_web import packs
from recevable_web.actions import leases, publishing, register
from recevable_web.actions.refused import Refused
from recevable_web.jobs import checking, worker
from recevable_web.records.models import (
    Account,
    Act,
    Batch,
    PackComparison,
    PackSubmission,
    Publication,
    Role,
    Status,
)

STRICTER = replaced("consequence: completer", "consequence: rejeter")


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


@pytest.fixture
def drafter(people: People) -> Account:
    return people("remi", Role.DRAFTER, programme=PROGRAMME)


@pytest.fixture
def publisher(people: People) -> Account:
    return people("paule", Role.PUBLISHER, programme=PROGRAMME)


def proposed(actor: Account, contents: dict[str, bytes] | None = None, on: date = DAY) -> PackSubmission:
    return publishing.submit(actor, PROGRAMME, contents or files(), on, "2024-1", "La délibération a changé.")


def checked(submission: PackSubmission) -> PackSubmission:
    worker.until_idle()
    submission.refresh_from_db()
    assert submission.status in (Status.DONE, Status.FAILED)
    return submission


def kept(drafter: Account, contents: dict[str, bytes] | None = None, on: date = DAY) -> PackSubmission:
    """A proposal that passed its checks, without running them: another test does."""
    submission = proposed(drafter, contents, on)
    held = leases.take(PackSubmission)
    assert held is not None
    checking._keep(held, {"passe": True, "fautes": [], "joues": 4})
    submission.refresh_from_db()
    assert submission.status == Status.DONE, submission.failure
    return submission


def test_a_pack_that_passes_is_approved_by_another_and_in_force(drafter: Account, publisher: Account) -> None:
    submission = checked(proposed(drafter))
    assert (submission.status, submission.report["joues"], submission.report["fautes"]) == (Status.DONE, 4, [])
    publication = publishing.approve(publisher, submission, DAY)
    assert packs.in_force(PROGRAMME, DAY) == publication.pack
    assert packs.opened(publication.pack_id).files() == files()
    submission.refresh_from_db()
    assert (submission.outcome, submission.settled_by) == (PackSubmission.Outcome.APPROVED, publisher)
    act = Act.objects.get(kind="publication")
    content = json.loads(bytes(act.content.content))
    assert content["paquet_sha256"] == publication.pack.digest
    assert (content["en_vigueur_a_partir_du"], content["motif"]) == ("2023-09-04", "La délibération a changé.")
    assert (act.author, act.validator) == (drafter, publisher)
    assert recevable.ledger.verify(register.export(), register.head()[1]).faults == ()


def test_a_fault_of_lint_blocks_and_is_told_at_its_line(drafter: Account, publisher: Account) -> None:
    submission = checked(proposed(drafter, replaced("consequence: completer", "consequence: completter")))
    assert submission.status == Status.FAILED
    assert submission.pack is None
    (fault,) = submission.report["fautes"]
    assert fault["ou"].startswith("regles/prime.yaml:")
    assert "completter" in fault["message"]
    assert "completer" in fault["aide"]
    with refused("CONTROLE"):
        publishing.approve(publisher, submission, DAY)
    assert not Publication.objects.filter(programme=PROGRAMME).exists()


def test_a_trial_that_fails_blocks(drafter: Account) -> None:
    contents = replaced('resultat: "non_satisfait:absente"', "resultat: satisfait")
    submission = checked(proposed(drafter, contents))
    assert submission.status == Status.FAILED
    assert submission.report["fautes"]


def test_known_dossiers_of_the_archive_are_tried_too(drafter: Account) -> None:
    dossier = {
        "programme": PROGRAMME, "reference": "V-1", "velo": {"achete_le": "2024-03-15"},
        "prime": {"deposee_le": "2024-05-06T10:00:00+02:00", "pieces": {}},
    }  # fmt: skip
    expected = 'titre: Sans facture\nau: "2024-06-01"\ndemandes:\n  prime: {verdict: accepter}\n'
    contents = {
        **{f"depot/rules/prime-velo/{name}": content for name, content in files().items()},
        "depot/fixtures/prime-velo/sans-facture.json": json.dumps(dossier).encode(),
        "depot/fixtures/prime-velo/sans-facture.attendu.yaml": expected.encode(),
        "depot/LISEZ.txt": b"ignore",
    }
    placed = publishing.arranged(contents)
    assert placed.keys() >= {"regles/programme.yaml", "dossiers/sans-facture.json"}
    submission = checked(proposed(drafter, contents))
    assert submission.status == Status.FAILED
    assert any("sans-facture" in fault["ou"] + fault["message"] for fault in submission.report["fautes"])


def test_rules_of_another_programme_are_refused(people: People) -> None:
    drafter = people("autre", Role.DRAFTER, programme="autre-programme")
    submission = publishing.submit(drafter, "autre-programme", files(), DAY, "x", "y")
    held = leases.take(PackSubmission)
    assert held is not None
    checking._keep(held, {"passe": True})
    submission.refresh_from_db()
    assert submission.failure == "Ces règles sont celles du programme « prime-velo », et non « autre-programme »."
    assert submission.pack is None


def test_a_schema_that_changes_alone_is_refused_and_not_lost(drafter: Account) -> None:
    kept(drafter)
    other = {**files(), "dossier.schema.json": SCHEMA.replace(b'"Nom."', b'"Le nom."', 1)}
    submission = proposed(drafter, other)
    held = leases.take(PackSubmission)
    assert held is not None
    checking._keep(held, {"passe": True})
    submission.refresh_from_db()
    assert submission.failure.startswith("Seul le schéma des dossiers change")


# --- four eyes, days, what moved --------------------------------------------------------------------------------------


def test_who_proposes_does_not_approve(people: People, drafter: Account) -> None:
    both = people("paule", Role.DRAFTER, Role.PUBLISHER, programme=PROGRAMME)
    submission = kept(both)
    with refused("QUATRE-YEUX"):
        publishing.approve(both, submission, DAY)
    with refused("DROIT"):
        publishing.approve(drafter, submission, DAY)
    assert not Publication.objects.filter(programme=PROGRAMME).exists()
    # the base itself refuses
    assert submission.pack is not None
    publication = packs.publish(submission.pack, DAY, both)
    submission.outcome, submission.settled_by, submission.publication = "approuvee", both, publication
    with pytest.raises(IntegrityError), transaction.atomic():
        submission.save()


def test_rules_never_come_into_force_in_the_past(drafter: Account, publisher: Account, today: Any) -> None:
    with refused("DATE"):
        proposed(drafter, on=DAY - timedelta(days=1))
    submission = kept(drafter, on=DAY + timedelta(days=5))
    with refused("DATE"):
        publishing.approve(publisher, submission, DAY + timedelta(days=4))
    today(DAY + timedelta(days=9))
    with refused("DATE"):
        publishing.approve(publisher, submission, DAY + timedelta(days=5))
    publishing.approve(publisher, submission, DAY + timedelta(days=9))
    assert packs.in_force(PROGRAMME, DAY + timedelta(days=8)) is None


def test_an_approval_is_of_what_was_compared(drafter: Account, publisher: Account) -> None:
    first = kept(drafter)
    second = kept(drafter, STRICTER)
    publishing.approve(publisher, first, DAY)
    with refused("PERIME"):
        publishing.approve(publisher, second, DAY)
    assert first.pack is not None
    assert second.pack is not None
    assert PackComparison.objects.filter(old=first.pack, new=second.pack).exists()
    publishing.approve(publisher, second, DAY)
    assert packs.in_force(PROGRAMME, DAY) == second.pack
    for submission in (first, second):
        with refused("DEJA-TRAITE"):
            publishing.approve(publisher, submission, DAY)


def test_an_approval_starts_the_batch_of_its_day(drafter: Account, publisher: Account) -> None:
    publishing.approve(publisher, kept(drafter), DAY)
    publishing.approve(publisher, kept(drafter, STRICTER, DAY + timedelta(days=3)), DAY + timedelta(days=3))
    (batch,) = Batch.objects.filter(programme=PROGRAMME)
    assert batch.on == DAY


def test_a_proposal_is_set_aside_with_a_reason(people: People, drafter: Account, publisher: Account) -> None:
    submission = proposed(drafter)
    with refused("MOTIF"):
        publishing.discard(publisher, submission, " ")
    with refused("DROIT"):
        publishing.discard(people("autre", Role.DRAFTER, programme=PROGRAMME), submission, "non")
    publishing.discard(drafter, submission, "Une erreur de date.")
    submission.refresh_from_db()
    assert (submission.outcome, submission.status) == (PackSubmission.Outcome.DISCARDED, Status.CANCELLED)
    assert worker.until_idle() == 0
    with refused("DEJA-TRAITE"):
        publishing.approve(publisher, submission, DAY)


def test_who_may_propose(people: People) -> None:
    for role in (Role.INSTRUCTOR, Role.VALIDATOR, Role.ADMINISTRATOR, Role.AUDITOR):
        with refused("DROIT"):
            proposed(people(role.value, role, programme=PROGRAMME))
    drafter = people("remi", Role.DRAFTER, programme=PROGRAMME)
    with refused("MOTIF"):
        publishing.submit(drafter, PROGRAMME, files(), DAY, "nom", "  ")
    for _ in range(publishing.MOST_WAITING):
        proposed(drafter)
    with refused("LIMITE"):
        proposed(drafter)


# --- what comes in ----------------------------------------------------------------------------------------------------


def test_an_archive_gives_its_files_whatever_folder_holds_them() -> None:
    for folder in ("", "prime-velo/", "depot/rules/prime-velo/"):
        assert publishing.arranged(publishing.from_archive(archive(files(), folder))) == {
            f"regles/{name}": content for name, content in files().items()
        }


def _entry(name: str, content: bytes = b"x", mode: int = 0o644) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as written:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        written.writestr(info, content)
    return found.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ARCHIVE"), (b"pas une archive", "ARCHIVE"), (archive(files())[:400], "ARCHIVE"),
        (_entry("../programme.yaml"), "NOM"), (_entry("/etc/programme.yaml"), "NOM"),
        (_entry("a/..\\..\\b.yaml"), "NOM"), (_entry("C:\\a.yaml"), "NOM"), (_entry("a\nb.yaml"), "NOM"),
        (_entry("lien.yaml", b"/etc/passwd", stat.S_IFLNK | 0o777), "LIEN"),
        (_entry("a.yaml", b"0" * 4_000_001), "TAILLE"),
    ],
)  # fmt: skip
def test_an_archive_that_is_no_pack_is_refused(content: bytes, code: str) -> None:
    with refused(code):
        publishing.from_archive(content)


def test_an_archive_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as written:
        for rank in range(20):
            written.writestr(f"{rank}.yaml", b"0" * 3_900_000)
    assert len(bomb.getvalue()) < 200_000
    with refused("TAILLE"):
        publishing.from_archive(bomb.getvalue())
    monkeypatch.setattr(publishing, "MOST_FILES", 3)
    with refused("NOMBRE"):
        publishing.from_archive(archive(files()))
    with refused("TAILLE"):
        publishing.from_archive(b"0" * (publishing.MOST_ARCHIVE + 1))


def test_an_archive_without_a_pack_or_with_two_is_refused() -> None:
    for contents in ({"lisez.yaml": b""}, {"a/programme.yaml": b"", "b/programme.yaml": b""}):
        with refused("MANIFESTE"):
            publishing.arranged(contents)


def test_a_folder_is_read_without_its_links(tmp_path: Any) -> None:
    for name, content in files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert publishing.from_folder(tmp_path) == files()
    (tmp_path / "lien.yaml").symlink_to("/etc/passwd")
    with refused("LIEN"):
        publishing.from_folder(tmp_path)


# --- comparing --------------------------------------------------------------------------------------------------------


def test_two_versions_are_compared_in_meaning(drafter: Account) -> None:
    first, second = kept(drafter), kept(drafter, STRICTER)
    assert first.pack is not None
    assert second.pack is not None
    found = publishing.compare(first.pack, second.pack)
    assert publishing.compare(first.pack, second.pack) == found
    worker.until_idle()
    found.refresh_from_db()
    assert found.status == Status.DONE
    (rule,) = found.changes["regles"]
    assert (rule["nom"], rule["peut_changer_une_decision"]) == ("FACTURE", True)
    assert {key["cle"]: (key["avant"], key["apres"]) for key in rule["cles"]}["si_absente.consequence"] == (
        "completer",
        "rejeter",
    )


def test_a_command_that_says_nothing_fails_and_one_that_lasts_is_stopped(
    drafter: Account, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = proposed(drafter)
    run = checking._Commands(submission, tmp_path, lambda: False)
    with pytest.raises(checking.Failed, match="sans répondre"):
        run("version-inconnue")
    monkeypatch.setattr(checking, "_LIMITED", "import time; time.sleep(60)")
    monkeypatch.setattr(checking, "SECONDS", 0.1)
    with pytest.raises(checking.Failed, match="trop longtemps"):
        run()
    with pytest.raises(checking.Stopped):
        checking._Commands(submission, tmp_path, lambda: True)()


def test_a_worker_that_stops_leaves_the_check_to_another(drafter: Account) -> None:
    submission = proposed(drafter)
    held = leases.take(PackSubmission)
    assert held is not None
    checking.check(held, stopping=lambda: True)
    submission.refresh_from_db()
    assert (submission.status, submission.attempts) == (Status.WAITING, 0)


def test_refusals_end_with_a_full_stop(drafter: Account) -> None:
    with pytest.raises(Refused) as found:
        publishing.arranged({})
    assert found.value.message.endswith(".")


def test_a_folder_is_proposed_by_a_command(drafter: Account, tmp_path: Any) -> None:
    for name, content in files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    given = {"programme": PROGRAMME, "par": drafter.email, "day": DAY, "nom": "2024-1", "motif": "Délibération."}
    said = io.StringIO()
    call_command("deposer_regles", str(tmp_path), stdout=said, **given)
    submission = PackSubmission.objects.get()
    assert f"Proposition n° {submission.pk}" in said.getvalue()
    assert {one.name.partition("/")[2] for one in submission.files.all()} == set(files())
    for wrong in ({"par": "personne@essai.example"}, {"programme": "autre"}, {"day": DAY - timedelta(days=1)}):
        with pytest.raises(CommandError):
            call_command("deposer_regles", str(tmp_path), stdout=said, **{**given, **wrong})
    with pytest.raises(CommandError, match="pas un dossier"):
        call_command("deposer_regles", str(tmp_path / "rien"), stdout=said, **given)
