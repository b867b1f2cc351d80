"""Pieces on both databases: what is joined, where, by whom, and what nobody changes."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st
from tests.web import files
from tests.web.conftest import DAY, People
from tests.web.test_spine import received, refused

from recevable_web.actions import pieces
from recevable_web.records.models import Account, Blob, BlobContent, Dossier, Event, Kind, Piece, Role

INVOICE = "solde.pieces.facture_acquittee"


@pytest.fixture(autouse=True)
def _day(request: pytest.FixtureRequest) -> None:
    if "database" in request.fixturenames:
        today: Callable[[date], None] = request.getfixturevalue("today")
        today(DAY)


@pytest.fixture
def dossier(instructor: Account) -> Dossier:
    return received(instructor)


def test_a_file_is_joined_at_its_place(instructor: Account, dossier: Dossier) -> None:
    piece = pieces.attach(instructor, dossier, INVOICE, "C:\\temp\\Facture n° 1.pdf", files.plain())
    assert (piece.name, piece.place, piece.author, piece.dossier) == ("Facture n° 1.pdf", INVOICE, instructor, dossier)
    assert (piece.blob.kind, piece.blob.size, piece.blob.pages) == (Kind.PDF, len(files.plain()), 1)
    assert pieces.content(piece) == files.plain()
    assert Event.objects.latest("id").text == "Pièce jointe : Facture n° 1.pdf (Facture acquittée)."
    # the data of the dossier is what it was
    assert Dossier.objects.get().version == dossier.version


def test_the_places_are_those_of_the_programme_then_elsewhere(dossier: Dossier) -> None:
    found = pieces.places(dossier)
    assert found[INVOICE] == "Facture acquittée"
    assert list(found)[-1] == pieces.ELSEWHERE
    assert not any(place.startswith("solde.pieces.facture_acquittee.") for place in found)


def test_only_an_instructor_of_the_programme_joins(people: People, dossier: Dossier) -> None:
    for other in (people("v", Role.VALIDATOR), people("ailleurs", Role.INSTRUCTOR, programme="prime-velo")):
        with refused("DROIT"):
            pieces.attach(other, dossier, INVOICE, "f.pdf", files.plain())
    assert (Piece.objects.count(), Blob.objects.count()) == (0, 0)


def test_what_may_not_be_joined_leaves_nothing(
    instructor: Account, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refused("PLACE"):
        pieces.attach(instructor, dossier, "solde.pieces", "f.pdf", files.plain())
    with refused("CONTENU"):
        pieces.attach(instructor, dossier, INVOICE, "facture.pdf", files.archive(a=b"a"))
    with refused("TAILLE"):
        pieces.attach(instructor, dossier, INVOICE, "f.pdf", b"%PDF-" + bytes(pieces.MOST_BYTES))
    assert (Piece.objects.count(), Blob.objects.count(), BlobContent.objects.count()) == (0, 0, 0)
    monkeypatch.setattr(pieces, "MOST_PIECES", 1)
    pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    with refused("NOMBRE"):
        pieces.attach(instructor, dossier, pieces.ELSEWHERE, "f.pdf", files.plain(1))
    assert (Piece.objects.count(), Blob.objects.count()) == (1, 1)


def test_the_same_bytes_are_kept_once_and_joined_once_to_a_place(instructor: Account, dossier: Dossier) -> None:
    first = pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    with refused("DOUBLON"):
        pieces.attach(instructor, dossier, INVOICE, "autre nom.pdf", files.plain())
    elsewhere = pieces.attach(instructor, dossier, pieces.ELSEWHERE, "f.pdf", files.plain())
    assert elsewhere.blob == first.blob
    assert (Piece.objects.count(), Blob.objects.count()) == (2, 1)


def test_rows_of_pieces_cannot_be_changed(instructor: Account, dossier: Dossier) -> None:
    pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    for statement in (
        "UPDATE records_piece SET name = 'x'",
        "DELETE FROM records_piece",
        "UPDATE records_blob SET quarantine = 'x'",
        "DELETE FROM records_blob",
        "UPDATE records_blobcontent SET content = content",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# only SQLite has INSERT OR REPLACE
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_replacing_a_piece_is_refused(instructor: Account, dossier: Dossier, database: str) -> None:
    pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
    try:
        for table in ("piece", "blob", "blobcontent"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"INSERT OR REPLACE INTO records_{table} SELECT * FROM records_{table}")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO records_piece (dossier_id, place, name, blob_id, at) "
                "SELECT dossier_id, place, 'autre', blob_id, at FROM records_piece"
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")


def test_a_content_that_was_altered_or_erased_is_not_given(instructor: Account, dossier: Dossier) -> None:
    piece = pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
    piece.blob.sha256 = "0" * 64
    with pytest.raises(ValueError, match="altered"):
        pieces.content(piece)
    BlobContent.objects.all().delete()
    with refused("EFFACEE"):
        pieces.content(piece)


def test_the_limits_are_those_of_the_documentation() -> None:
    from recevable_web.pages import opening

    said = (Path(__file__).parents[2] / "docs" / "guichet.md").read_text("utf-8")
    assert f"{pieces.MOST_PIECES} par dossier" in said
    assert f"{pieces.MOST_BYTES // 1_000_000} Mo au plus" in said
    assert opening.VISIT.total_seconds() == 3600
    assert "une visite dure une heure" in said


# --- antivirus --------------------------------------------------------------------------------------------------------


@pytest.fixture
def antivirus(tmp_path: Path) -> str:
    """A command that finds anything that holds a word, as an antivirus does."""
    program = tmp_path / "antivirus"
    program.write_text("#!/bin/sh\nif grep -q EICAR; then echo FOUND; exit 1; fi\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return f"'{program}'"


def test_what_the_antivirus_finds_is_put_apart_and_given_to_nobody(
    instructor: Account, dossier: Dossier, antivirus: str
) -> None:
    with override_settings(ANTIVIRUS=antivirus):
        clean = pieces.attach(instructor, dossier, INVOICE, "f.pdf", files.plain())
        found = pieces.attach(instructor, dossier, INVOICE, "g.pdf", files.plain(1) + b"\n%EICAR\n%%EOF\n")
    assert clean.blob.quarantine == ""
    assert found.blob.quarantine == "l'antivirus l'a reconnue comme dangereuse."
    with refused("QUARANTAINE"):
        pieces.content(found)
    assert "mise en quarantaine" in Event.objects.latest("id").text


@pytest.mark.parametrize("command", ["/nulle/part", "sh -c 'exit 2'", "sh -c 'kill -9 $$'"])
def test_an_antivirus_that_does_not_answer_lets_nothing_through(command: str) -> None:
    with override_settings(ANTIVIRUS=command):
        assert pieces._quarantine(files.plain()) == "l'antivirus n'a pas pu l'examiner."


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("facture.pdf", "facture.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\facture.pdf", "facture.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("a\x00b\r\nc\td\x1b[31m", "abcd[31m"),
        ("\u200b\u2066", "sans nom"),
        ("", "sans nom"),
        ("..", "sans nom"),
        ("dossier/", "sans nom"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("x" * 500, "x" * 150),
        ('<img src=x onerror="a">', '<img src=x onerror="a">'),
    ],
)
def test_a_name_is_cleaned_to_be_shown(name: str, shown: str) -> None:
    assert pieces.shown(name) == shown


@given(st.text(st.characters(), max_size=300))
@example("a/\u202e")
def test_whatever_a_name_holds_it_is_shown_on_one_line_and_says_no_folder(name: str) -> None:
    import unicodedata

    found = pieces.shown(name)
    assert 0 < len(found) <= 150
    assert not set(found) & set("/\\\n\r\0")
    assert not any(unicodedata.category(one).startswith("C") for one in found)
    assert pieces.shown(found) == found


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 octet"), (999, "999 octets"), (1_000, "1 ko"), (20_000_000, "20 Mo")]
)
def test_a_size_is_said(count: int, words: str) -> None:
    assert pieces.size(count).replace("\N{NO-BREAK SPACE}", " ") == words
