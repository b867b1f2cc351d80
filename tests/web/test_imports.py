"""Dossiers that come in as files: each received or refused by itself, with its pieces or not at all, and told."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from tests.web import files
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_archives import zipped
from tests.web.test_pages import browser, get, upload

import recevable
from recevable_web.actions import dossiers, imports
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Dossier, Import, ImportLine, Piece, Role

pytestmark = pytest.mark.both_databases

# What reads files and says what is wrong with them does not depend on the database.
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
KNOWN = "solde-cinq-defauts"
OTHER = "solde-formulaire-incomplet"
RIB = "enrolement.pieces.rib"


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def taken(actor: Account, *given: tuple[str, bytes], **more: Any) -> Import:
    return imports.take(actor, PROGRAMME, [(name, io.BytesIO(content)) for name, content in given], **more)


def outcomes(imported: Import) -> list[tuple[str, str]]:
    return [(line.name, line.outcome) for line in imported.lines.order_by("rank")]


def said(imported: Import) -> str:
    lines = imported.lines.order_by("rank")
    return " ".join(" ".join(fault.values()) for line in lines for fault in (*line.faults, *line.remarks))


def with_reference(name: str, reference: str) -> bytes:
    return json.dumps({**json.loads(fixture(name)), "reference": reference}).encode()


# --- lines ------------------------------------------------------------------------------------------------------------


@ONCE
def test_each_line_is_a_dossier_with_its_faults_at_its_line(instructor: Account) -> None:
    good = json.dumps(json.loads(fixture(KNOWN))).encode()
    lines = b"\n".join([good, b"", b'{"programme": "af-ope-mss", "operateur": {"siret": 12}}', b"{", good]) + b"\r\n"
    imported = taken(instructor, ("lot.ndjson", lines))
    assert outcomes(imported) == [
        ("lot.ndjson:1", "recu"), ("lot.ndjson:3", "refuse"), ("lot.ndjson:4", "refuse"), ("lot.ndjson:5", "deja_recu"),
    ]  # fmt: skip
    faults = imported.lines.get(rank=2).faults
    assert "lot.ndjson:3:52" in [fault["lieu"] for fault in faults]
    assert any(fault["message"].startswith("/operateur/siret : ") for fault in faults)
    assert imported.lines.get(rank=3).faults[0]["lieu"].startswith("lot.ndjson:4:")
    assert imported.ended_at is not None


@ONCE
def test_a_line_that_is_too_long_is_refused_and_the_next_one_read(instructor: Account) -> None:
    long = b'{"programme": "' + b"x" * 4_500_000 + b'"}'
    imported = taken(instructor, ("lot.ndjson", long + b"\n" + fixture(KNOWN).replace(b"\n", b"")))
    assert outcomes(imported) == [("lot.ndjson:1", "refuse"), ("lot.ndjson:2", "recu")]
    assert "au plus 2000000 pour un dossier" in said(imported)


@ONCE
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "niveaux d'imbrication"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "niveaux d'imbrication"),
        (b'{"programme": "af-ope-mss", "operateur": NaN}', "`NaN` n'est pas une valeur JSON"),
        (b'{"programme": "af-ope-mss", "operateur": {}, "operateur": {}}', "figure deux fois"),
        (b'{"programme": "af-ope-mss", "avance": ' + b"9" * 5000 + b"}", "nombre démesuré"),
        (b'{"programme": "af-ope-mss", "avance": 1e400}', "nombre à virgule ou à exposant"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b'\xef\xbb\xbf{"programme": "af-ope-mss"}', "BOM"),
        (b'{"programme": "prime-velo"}', "ce dossier est du programme `prime-velo`"),
        (b"", "le fichier est vide"),
        (b"<html>", "page web"),
    ],
)  # fmt: skip
def test_what_is_no_dossier_is_refused_in_a_sentence(instructor: Account, content: bytes, words: str) -> None:
    imported = taken(instructor, ("x.json", content))
    assert outcomes(imported) == [("x.json", "refuse")]
    assert words in said(imported)
    assert Dossier.objects.count() == 0


def test_a_reference_known_with_another_content_says_what_to_do(instructor: Account) -> None:
    taken(instructor, ("a.json", with_reference(KNOWN, "REF-1")))
    imported = taken(instructor, ("b.json", with_reference(OTHER, "REF-1")))
    assert outcomes(imported) == [("b.json", "refuse")]
    assert "déposez ce fichier comme supplément" in said(imported)


def test_a_reference_too_long_for_the_database_is_refused(instructor: Account) -> None:
    imported = taken(instructor, ("a.json", with_reference(KNOWN, "R" * 121)), ("b" * 400 + ".json", fixture(OTHER)))
    assert [outcome for _, outcome in outcomes(imported)] == ["refuse", "recu"]
    assert "dépasse 120 caractères" in said(imported)
    assert Dossier.objects.get().reference == "b" * 120


@ONCE
def test_past_the_most_the_rest_is_refused_in_one_line(instructor: Account) -> None:
    content = b"\n".join(with_reference(KNOWN, f"REF-{rank}") for rank in range(5))
    imported = taken(instructor, ("lot.ndjson", content), most=2)
    assert outcomes(imported) == [
        ("lot.ndjson:1", "recu"), ("lot.ndjson:2", "recu"), ("lot.ndjson:3", "refuse"),
    ]  # fmt: skip
    assert "la suite ne sont pas lus" in said(imported)


@ONCE
def test_another_kind_of_file_and_a_format_that_nobody_maps_are_refused(instructor: Account) -> None:
    imported = taken(instructor, ("tableau.xlsx", b"PK"))
    assert ".ndjson (un dossier par ligne)" in said(imported)
    with pytest.raises(Refused, match="ne prend pas de fichiers de ce format"):
        taken(instructor, ("a.json", b"{}"), kind="autre-portail")


def test_without_the_right_or_the_rules_nothing_is_written(people: People, validator: Account) -> None:
    with pytest.raises(Refused, match="Il faut être instructeur"):
        taken(validator, ("a.json", fixture(KNOWN)))
    foreign = people("anne", Role.INSTRUCTOR, programme="prime-velo")
    with pytest.raises(Refused, match="Aucune règle du programme « prime-velo » n'est en vigueur"):
        imports.take(foreign, "prime-velo", [("a.json", io.BytesIO(fixture(KNOWN)))])
    assert Import.objects.count() == 0


def test_a_character_that_no_database_holds_is_told_and_not_stored(instructor: Account) -> None:
    data = json.loads(fixture(KNOWN))
    odd = [{**data, "reference": "A\0B"}, {**data, "operateur": {**data["operateur"], "profil": "a\0b"}}]
    imported = taken(instructor, ("lot.ndjson", b"\n".join(json.dumps(one).encode() for one in odd)))
    assert [outcome for _, outcome in outcomes(imported)] == ["refuse", "refuse"]
    assert "\N{REPLACEMENT CHARACTER}" in said(imported)


@ONCE
def test_a_dossier_on_which_the_rules_contradict_each_other_is_refused_and_the_others_go_on(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = recevable.Programme.decide

    def decide(self: recevable.Programme, dossier: recevable.Dossier, *more: Any, **named: Any) -> recevable.Decision:
        if dossier.data.get("reference") == "R1":
            raise recevable.Contradiction("montant", ("A", "B"), (1, 2))
        return real(self, dossier, *more, **named)

    monkeypatch.setattr(recevable.Programme, "decide", decide)
    imported = taken(instructor, *((f"{name}.json", with_reference(KNOWN, name)) for name in ("R1", "R2")))
    assert outcomes(imported) == [("R1.json", "refuse"), ("R2.json", "recu")]
    assert "Les règles se contredisent sur ce dossier" in said(imported)
    assert Dossier.objects.count() == 1


# --- archives with pieces ---------------------------------------------------------------------------------------------


def test_a_dossier_comes_with_its_pieces_and_what_lacks_is_told(instructor: Account) -> None:
    imported = taken(instructor, ("lot.zip", zipped(
        ("R1/dossier.json", fixture(KNOWN)), ("R1/rib.pdf", files.plain(1)),
        ("R1/solde/pieces/guide_client_final/guide.pdf", files.plain(2)),
        ("R2.json", fixture(OTHER)),
    )))  # fmt: skip
    assert outcomes(imported) == [("R1", "recu"), ("R2", "recu")]
    first, second = imported.lines.order_by("rank")
    assert first.pieces == 2
    assert first.dossier is not None
    assert first.dossier.reference == "R1"
    assert set(first.dossier.pieces.values_list("place", flat=True)) == {RIB, "solde.pieces.guide_client_final"}
    missing = first.remarks[0]["message"]
    assert "pièces déclarées sans leur fichier" in missing
    assert "`enrolement.pieces.contrat_v2`" in missing
    assert f"`{RIB}`" not in missing
    assert "`enrolement.pieces.rib`" in second.remarks[0]["message"]


@ONCE
def test_a_piece_that_the_dossier_does_not_declare_is_joined_and_told(instructor: Account) -> None:
    data = json.loads(fixture(KNOWN))
    del data["enrolement"]["pieces"]["rib"]
    imported = taken(
        instructor, ("lot.zip", zipped(("d.json", json.dumps(data).encode()), ("rib.pdf", files.plain(1))))
    )
    assert outcomes(imported) == [("d", "recu")]
    assert f"pièces jointes que le dossier ne déclare pas : `{RIB}`" in said(imported)


@ONCE
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("scan.pdf", files.plain(1), "n'est à la place d'aucune pièce"),
        ("formulaire.pdf", files.plain(1), "n'est à la place d'aucune pièce"),
        ("rib.pdf", b"bonjour", ""),
        ("rib.pdf", b"", ""),
    ],
)
def test_a_piece_that_is_refused_refuses_its_dossier_and_no_other(
    instructor: Account, name: str, content: bytes, words: str
) -> None:
    imported = taken(instructor, ("lot.zip", zipped(
        ("R1/d.json", fixture(KNOWN)), (f"R1/{name}", content), ("R2/d.json", fixture(OTHER)),
    )))  # fmt: skip
    assert outcomes(imported) == [("d", "refuse"), ("d", "recu")]
    assert words in said(imported)
    assert imported.lines.get(rank=1).faults[0]["message"].endswith((".", "`"))
    assert Dossier.objects.count() == 1
    assert Piece.objects.count() == 0


@ONCE
def test_the_same_archive_again_is_known_and_a_new_piece_is_asked_to_be_joined(instructor: Account) -> None:
    whole = [("R1.json", fixture(KNOWN)), ("R1/rib.pdf", files.plain(1))]
    taken(instructor, ("lot.zip", zipped(*whole)))
    assert outcomes(taken(instructor, ("lot.zip", zipped(*whole)))) == [("R1", "deja_recu")]
    again = taken(instructor, ("lot.zip", zipped(*whole, ("R1/contrat_v2.pdf", files.plain(2)))))
    assert outcomes(again) == [("R1", "refuse")]
    assert "cette pièce n'y est pas" in said(again)
    assert Piece.objects.count() == 1


@ONCE
def test_a_bad_archive_and_files_of_nobody_are_lines(instructor: Account) -> None:
    imported = taken(
        instructor,
        ("faux.zip", b"PK\x03\x04"),
        ("lot.zip", zipped(("R1/d.json", fixture(KNOWN)), ("R2/seul.pdf", files.plain(1)))),
    )
    assert outcomes(imported) == [("faux.zip", "refuse"), ("d", "recu"), ("lot.zip", "refuse")]
    assert "ce fichier n'accompagne aucun dossier" in said(imported)


# --- exports of other portals -----------------------------------------------------------------------------------------

PORTAL = "demarche-numerique"
EXPORT = Path(__file__).parents[1] / "adapters" / "exports" / "dossier.json"


def pdfs_of(export: dict[str, Any]) -> dict[str, bytes]:
    """A real file for each piece that an export names, whose digest is written in it."""
    found = {}
    for rank, one in enumerate(one for one in export["data"]["dossier"]["champs"] if one.get("files")):
        content = files.plain(rank)
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        one["files"][0]["checksum"] = base64.b64encode(digest).decode()
        found[f"piece-{rank}.pdf"] = content
    return found


@ONCE
def test_an_export_is_received_as_the_dossier_that_it_is(instructor: Account) -> None:
    imported = taken(instructor, ("export.json", EXPORT.read_bytes()), kind=PORTAL)
    assert outcomes(imported) == [("demarche-numerique-123456", "recu")]
    dossier = Dossier.objects.get()
    assert dossier.reference == "123456"
    native = {"reference": "123456", **json.loads(fixture(KNOWN))}
    assert dossiers.composed(dossiers.latest(dossier)) == native
    assert "fichiers que l'export nomme et qui ne sont pas envoyés : « formulaire.pdf »" in said(imported)
    assert "Démarche numérique" in get(browser(instructor), "/importer").content.decode()


@ONCE
def test_an_archive_of_an_export_brings_the_files_that_it_names(instructor: Account) -> None:
    export = json.loads(EXPORT.read_bytes())
    pieces = pdfs_of(export)
    archive = zipped(("export.json", json.dumps(export).encode()), *pieces.items(), ("autre.pdf", files.plain(99)))
    imported = taken(instructor, ("lot.zip", archive), kind=PORTAL)
    assert outcomes(imported) == [("demarche-numerique-123456", "recu"), ("lot.zip", "refuse")]
    assert imported.lines.get(rank=1).pieces == len(pieces) == Piece.objects.count()
    assert Piece.objects.filter(place=RIB, name="rib.pdf").exists()
    assert "lot.zip/autre.pdf aucun dossier de l'export ne nomme ce fichier" in said(imported)


@ONCE
def test_an_export_with_a_fault_and_one_that_goes_on_are_told(instructor: Account) -> None:
    export = json.loads(EXPORT.read_bytes())
    page = {"demarche": {"number": 1, "dossiers": {
        "pageInfo": {"hasNextPage": True}, "nodes": [{**export["data"]["dossier"], "state": "refuse"}]
    }}}  # fmt: skip
    imported = taken(instructor, ("export.json", json.dumps(page).encode()), ("x.csv", b""), kind=PORTAL)
    assert [outcome for _, outcome in outcomes(imported)] == ["refuse"] * 3
    assert "il reste d'autres dossiers à demander" in said(imported)
    assert "dans l'état « refuse », que l'import ne reprend pas" in said(imported)
    assert Dossier.objects.count() == 0


# --- the report -------------------------------------------------------------------------------------------------------


def test_a_report_can_be_opened_again_by_the_instructors_of_its_programme_only(
    people: People, instructor: Account, validator: Account
) -> None:
    upload(browser(instructor), ("bon.json", fixture(KNOWN)), ("faux.json", b"{"))
    imported = Import.objects.get()
    colleague, foreign = people("ivan", Role.INSTRUCTOR), people("anne", Role.INSTRUCTOR, programme="prime-velo")
    for actor, code in ((instructor, 200), (colleague, 200), (foreign, 404), (validator, 404)):
        assert get(browser(actor), f"/imports/{imported.pk}").status_code == code
    page = get(browser(colleague), f"/imports/{imported.pk}?onglet=refuse").content.decode()
    assert "faux.json : refusé" in page
    assert "bon.json" not in page
    assert get(browser(colleague), f"/imports/{imported.pk}?onglet=autre").status_code == 404
    assert f'href="/imports/{imported.pk}"' in get(browser(colleague), "/importer").content.decode()
    assert f"/imports/{imported.pk}" not in get(browser(foreign), "/importer").content.decode()


@ONCE
def test_names_and_values_are_shown_as_text(instructor: Account) -> None:
    script = "<script>alert(1)</script>"
    content = json.dumps({"programme": "af-ope-mss", "operateur": {"profil": script}}).encode()
    page = upload(browser(instructor), ("<img src=x onerror=alert(1)>.json", content))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<img" not in page


@ONCE
def test_an_import_that_was_interrupted_says_so(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "_unknown_pieces", stop)
    with pytest.raises(KeyboardInterrupt):
        taken(instructor, ("a.json", fixture(KNOWN)), ("b.json", fixture(KNOWN)))
    imported = Import.objects.get()
    assert outcomes(imported) == [("a.json", "recu")]
    page = get(browser(instructor), f"/imports/{imported.pk}").content.decode().replace("&#x27;", "'")
    assert "Cet import n'est pas allé à son terme" in page


@ONCE
def test_a_long_report_goes_by_pages(instructor: Account) -> None:
    imported = Import.objects.create(programme=PROGRAMME, format=imports.NATIVE, account=instructor)
    ImportLine.objects.bulk_create(
        ImportLine(imported=imported, rank=rank, name=f"n{rank}.json", outcome="refuse") for rank in range(1, 61)
    )
    client = browser(instructor)
    page = get(client, f"/imports/{imported.pk}?onglet=refuse&apres=25").content.decode()
    assert "n26.json" in page
    assert "n50.json" in page
    assert "n51.json" not in page
    assert "apres=50" in page


def test_a_report_asks_the_database_no_more_for_more_lines(instructor: Account) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    imported = taken(instructor, *((f"{rank}.json", with_reference(KNOWN, f"R{rank}")) for rank in range(8)))
    client = browser(instructor)
    for address in (f"/imports/{imported.pk}", "/importer"):
        with CaptureQueriesContext(connection) as found:
            assert get(client, address).status_code == 200
        assert len(found.captured_queries) <= 8, address


# --- a watched folder -------------------------------------------------------------------------------------------------


def swept(folder: Path, actor: Account) -> str:
    out = io.StringIO()
    call_command("import_folder", str(folder), programme=PROGRAMME, email=actor.email, stdout=out)
    return out.getvalue()


@ONCE
def test_files_of_a_folder_are_put_aside_with_the_reasons(instructor: Account, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(fixture(KNOWN))
    (tmp_path / "b.ndjson").write_bytes(b"{}\n")
    (tmp_path / "c.json.part").write_bytes(b"{")
    (tmp_path / ".d.json").write_bytes(b"{")
    (tmp_path / "lien.json").symlink_to(tmp_path / "a.json")
    (tmp_path / "sous").mkdir()
    odd = tmp_path / os.fsdecode(b"e\xff\n.json")
    odd.write_bytes(b"{")
    assert "a.json : 1 dossier, 0 refusé(s), rangé dans recus/." in swept(tmp_path, instructor)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".d.json", ".import", "c.json.part", "lien.json", "recus", "refuses", "sous",
    ]  # fmt: skip
    assert [one.name for one in (tmp_path / "recus").iterdir()] == ["a.json"]
    assert {one.name for one in (tmp_path / "refuses").iterdir()} == {
        "b.ndjson", "b.ndjson.txt", odd.name, f"{odd.name}.txt",
    }  # fmt: skip
    assert "b.ndjson:1 : refusé\n  - " in (tmp_path / "refuses" / "b.ndjson.txt").read_text("utf-8")
    assert swept(tmp_path, instructor) == ""
    # the same again is known, and hides nothing that was put aside before
    (tmp_path / "a.json").write_bytes(fixture(KNOWN))
    swept(tmp_path, instructor)
    assert len(list((tmp_path / "recus").iterdir())) == 2
    assert Dossier.objects.count() == 1


@ONCE
def test_a_folder_is_swept_by_one_command_at_a_time_and_for_somebody(
    instructor: Account, validator: Account, tmp_path: Path
) -> None:
    import fcntl

    (tmp_path / "a.json").write_bytes(fixture(KNOWN))
    with (tmp_path / ".import").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Un autre import est en cours"):
            swept(tmp_path, instructor)
    with pytest.raises(CommandError, match="Il faut être instructeur"):
        swept(tmp_path, validator)
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("import_folder", str(tmp_path), programme=PROGRAMME, email="personne@essai.example")
    with pytest.raises(CommandError, match="n'est pas un répertoire"):
        swept(tmp_path / "rien", instructor)
    assert (tmp_path / "a.json").exists()
    assert Dossier.objects.count() == 0


@ONCE
def test_a_form_larger_than_any_archive_is_refused_before_it_is_read(instructor: Account) -> None:
    client = browser(instructor)
    answer = client.post(
        "/importer", b"", content_type="multipart/form-data; boundary=x", secure=True, CONTENT_LENGTH="101000001"
    )
    assert answer.status_code == 413
    assert "Cet envoi est trop lourd" in answer.content.decode()
