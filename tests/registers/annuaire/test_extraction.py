"""An extraction that is not what it should be is refused or said to be so: never counted wrong in silence."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.registers.annuaire import extraction
from recevable.registers.annuaire.counting import count_extraction
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.extraction import HEADER, PARIS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registers.annuaire.conftest import Bench

NAME = "Extraction_Correspondance_MSSante_202502281600.txt"
LINES = [f"PER|{number}@x.example{'|' * 29}" for number in range(50)]
TEXT = "".join(f"{text}\n" for text in [HEADER, *LINES]).encode()
COUNT = {"PER": {"x.example": 50}}


def refuse(path: Path, message: str) -> str:
    with pytest.raises(EvidenceError, match=message) as caught:
        count_extraction(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_a_plain_extraction_gives_its_facts(bench: Bench) -> None:
    tally, facts = count_extraction(bench.file(NAME, TEXT))
    assert tally.boxes == COUNT
    assert facts.sha256 == facts.text_sha256 == hashlib.sha256(TEXT).hexdigest()
    assert facts.size == facts.text_size == len(TEXT)
    assert facts.generated == datetime(2025, 2, 28, 16, 0, tzinfo=PARIS)
    assert (facts.archive, facts.byte_order_mark, facts.unexpected_columns, facts.last_line_ended) == (
        False,
        False,
        (),
        True,
    )


def test_an_archive_is_counted_as_the_text_in_it(bench: Bench) -> None:
    path = bench.archive({NAME: TEXT})
    tally, facts = count_extraction(path)
    assert tally.boxes == COUNT
    assert facts.text_sha256 == hashlib.sha256(TEXT).hexdigest()
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() != facts.text_sha256
    assert (facts.size, facts.text_size, facts.archive) == (path.stat().st_size, len(TEXT), True)
    assert facts.generated == datetime(2025, 2, 28, 16, 0, tzinfo=PARIS)


def test_what_a_zip_is_called_does_not_matter(bench: Bench) -> None:
    assert count_extraction(bench.archive({NAME: TEXT}, "extraction.txt"))[0].boxes == COUNT


def test_a_pipe_is_counted_too(bench: Bench) -> None:
    path = bench.folder / "tube"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(TEXT,))
    writer.start()
    tally, facts = count_extraction(path)
    writer.join()
    assert tally.boxes == COUNT
    assert facts.generated is None


# What differs without changing the count is counted, and said.


def test_a_byte_order_mark_is_said(bench: Bench) -> None:
    tally, facts = count_extraction(bench.file(NAME, b"\xef\xbb\xbf" + TEXT))
    assert tally.boxes == COUNT
    assert facts.byte_order_mark


@pytest.mark.parametrize("ends", ["\r\n", "\n\r\n"], ids=["windows", "mixed"])
def test_windows_line_ends_are_said(bench: Bench, ends: str) -> None:
    texts = [HEADER + "\n", *(text + "\n" for text in LINES[:10]), *(text + "\r\n" for text in LINES[10:])]
    content = TEXT.replace(b"\n", b"\r\n") if ends == "\r\n" else "".join(texts).encode()
    tally, _ = count_extraction(bench.file(NAME, content))
    assert tally.boxes == COUNT
    assert (tally.windows_ends, tally.unix_ends) == ((50, 0) if ends == "\r\n" else (40, 10))


def test_a_last_line_without_its_end_is_said(bench: Bench) -> None:
    tally, facts = count_extraction(bench.file(NAME, TEXT[:-1]))
    assert tally.boxes == COUNT
    assert not facts.last_line_ended


def test_a_file_cut_inside_a_line_has_its_last_line_rejected_and_is_said_not_ended(bench: Bench) -> None:
    tally, facts = count_extraction(bench.file(NAME, TEXT[:-10]))
    assert tally.boxes == {"PER": {"x.example": 49}}
    assert [(one.cause, one.first_lines) for one in tally.rejections] == [("colonnes_manquantes", (51,))]
    assert not facts.last_line_ended


def test_other_names_of_columns_that_are_not_counted_are_said(bench: Bench) -> None:
    header = HEADER.replace("Civilité d'exercice", "CIVILITE D’EXERCICE").replace("Pays", "Contrée")
    _, facts = count_extraction(bench.extraction(LINES, header=header))
    assert facts.unexpected_columns == (31,)


# What may change the count is refused.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "fichier vide"),
        (b"\n", "l'en-tête doit avoir 31 colonnes séparées par `|` ; il en a 1"),
        (TEXT.decode().encode("latin-1"), r"l'en-tête n'est pas en UTF-8 : texte réencodé \(Latin-1"),
        (TEXT.decode().encode("utf-16"), "texte réencodé en UTF-16"),
        (TEXT.decode().encode("utf-16-be"), "31 colonnes|UTF-8"),
        (TEXT.split(b"\n", 1)[1], "deux premières colonnes"),
        (TEXT.replace(b"|Pays", b"", 1), "il en a 30"),
        (TEXT.replace(b"|Pays", b"|Pays|Langue", 1), "il en a 32"),
        (TEXT.replace(b"|", b";"), "il en a 1"),
        (TEXT.replace(b"Type de BAL|Adresse BAL", b"Adresse BAL|Type de BAL"), "deux premières colonnes"),
        (TEXT.replace(b"Type de BAL", b"Type", 1), "deux premières colonnes"),
        (TEXT.replace(b"Adresse BAL", b"Adresse", 1), "deux premières colonnes"),
        (TEXT.replace(b"\n", b"\r"), "colonnes"),
        (HEADER.encode(), "aucune ligne après l'en-tête"),
        (HEADER.encode() + b"\n", "aucune ligne après l'en-tête"),
        (b"\x00" * 5000, "31 colonnes"),
        (b"{}", "31 colonnes"),
    ],
)
def test_a_file_that_is_not_an_extraction_is_refused(bench: Bench, content: bytes, message: str) -> None:
    refuse(bench.file(NAME, content), message)


@pytest.mark.parametrize("content", [b"x" * 3000, TEXT + b"x" * 3000, TEXT + b"x" * 3000 + b"\n"])
def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(extraction, "LONGEST_LINE", 2000)
    path = bench.file(NAME, content)
    with pytest.raises(EvidenceError, match="plus d'un mégaoctet"):
        count_extraction(path, block=16)


def test_a_missing_file_and_a_folder_are_refused(bench: Bench) -> None:
    refuse(bench.folder / "absent.txt", "n'existe pas")
    refuse(bench.folder, "c'est un dossier")


def test_a_date_in_the_name_that_does_not_exist_is_refused(bench: Bench) -> None:
    refuse(bench.file("Extraction_Correspondance_MSSante_202502300000.txt", TEXT), "n'existe pas")


@pytest.mark.parametrize("name", ["extraction.txt", "Extraction_Correspondance_MSSante_20250228.txt", "x" + NAME])
def test_another_name_holds_no_date(bench: Bench, name: str) -> None:
    assert count_extraction(bench.file(name, TEXT))[1].generated is None


# Archives.


@pytest.mark.parametrize("members", [{}, {NAME: TEXT, "autre.txt": TEXT}, {"dossier/": b""}], ids=["0", "2", "folder"])
def test_an_archive_holds_one_file(bench: Bench, members: dict[str, bytes]) -> None:
    refuse(bench.archive(members), "un seul fichier")


def test_an_archive_and_its_member_must_not_give_two_dates(bench: Bench) -> None:
    path = bench.archive({NAME: TEXT}, NAME.replace("1600.txt", "1700.zip"))
    refuse(path, "deux dates différentes")


def test_the_name_of_an_archive_gives_the_date_when_its_member_does_not(bench: Bench) -> None:
    _, facts = count_extraction(bench.archive({"extraction.txt": TEXT}, NAME.replace(".txt", ".zip")))
    assert facts.generated == datetime(2025, 2, 28, 16, 0, tzinfo=PARIS)


def test_an_empty_member_is_refused(bench: Bench) -> None:
    refuse(bench.archive({NAME: b""}), "fichier vide")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_an_unusual_compression_is_refused(bench: Bench, method: int) -> None:
    refuse(bench.archive({NAME: TEXT}, method=method), "compression inhabituelle")


def test_an_encrypted_archive_is_refused(bench: Bench) -> None:
    path = bench.archive({NAME: TEXT})
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1  # the flags in the central directory
    refuse(bench.file("chiffre.zip", bytes(content)), "mot de passe")


def test_a_bomb_is_refused_after_a_bounded_amount_of_text(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_EXPANSION_GRACE", 10_000)
    bomb = (HEADER + "\n" + (LINES[0] + "\n") * 40_000).encode()
    path = bench.archive({NAME: bomb})
    assert len(bomb) > 200 * path.stat().st_size
    refuse(path, "bombe")


def test_an_archive_that_announces_a_false_size_is_still_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_EXPANSION_GRACE", 10_000)
    monkeypatch.setattr(extraction, "LARGEST_EXPANSION", 1)
    addresses = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(5000))
    path = bench.archive({NAME: "\n".join([HEADER, *(f"PER|{one}@x.example{'|' * 29}" for one in addresses)]).encode()})
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 20 : directory + 24] = (1 << 30).to_bytes(4, "little")  # the compressed size
    # From Python 3.13 on, zipfile itself sees it.
    refuse(bench.file("menteuse.zip", bytes(content)), "bombe|ne s'ouvre pas")


def test_a_text_beyond_the_largest_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "LARGEST_TEXT", len(TEXT) - 1)
    refuse(bench.file(NAME, TEXT), "démesuré")


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95, 0.999])
def test_a_truncated_archive_is_refused(bench: Bench, kept: float) -> None:
    content = bench.archive({NAME: TEXT}).read_bytes()
    refuse(bench.file("coupee.zip", content[: max(4, int(len(content) * kept))]), "tronquée ou abîmée")


def test_an_archive_whose_text_was_altered_is_refused(bench: Bench) -> None:
    content = bench.archive({NAME: TEXT}, method=zipfile.ZIP_STORED).read_bytes()
    refuse(bench.file("alteree.zip", content.replace(b"|1@x", b"|9@x", 1)), "ne se lit pas en entier")


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4),
    end=st.booleans(),
)
def test_no_damage_to_an_archive_gives_another_count(bench: Bench, changes: list[tuple[int, int]], end: bool) -> None:
    content = bytearray(bench.archive({NAME: TEXT}).read_bytes())
    for position, byte in changes:
        # Half of the time in the directory at the end, where zipfile is least careful.
        content[-1 - position % 140 if end else position % len(content)] = byte
    path = bench.file("abimee.zip", bytes(content))
    try:
        tally, _ = count_extraction(path)
    except EvidenceError:
        return
    assert tally.boxes == COUNT
