"""What a file really is: what is taken, what is refused and how it is said, what a hostile one can do."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image
from tests.web import files

from recevable_web import inspection
from recevable_web.inspection import JPEG, MOST_PAGES, PDF, PNG, TIFF, Unreadable, inspect, kind_of, picture, text


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as info:
        inspect(content)
    assert str(info.value).endswith(".")
    return str(info.value)


@pytest.mark.parametrize(
    ("content", "kind", "pages"),
    [
        (files.pdf(pages=3), PDF, 3),
        (files.image("PNG"), PNG, 1),
        (files.image("JPEG"), JPEG, 1),
        (files.image("TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))]), TIFF, 2),
    ],
)
def test_what_is_taken_is_known_by_its_content(content: bytes, kind: str, pages: int) -> None:
    assert inspect(content) == inspection.Inspected(kind, pages, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (files.archive(a=b"a"), "archive ou un document de bureautique"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "ni un PDF"),
        (b"<!doctype html><script>alert(1)</script>", "ni un PDF"),
        (b"GIF89a" + bytes(20), "ni un PDF"),
        (b"\n%PDF-1.7\n", "ni un PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ni un PDF"),
    ],
)
def test_what_is_not_taken_is_refused_before_it_is_opened(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_child", lambda *_: pytest.fail("opened"))
    assert words in refused(content)


@pytest.mark.parametrize(
    "content",
    [
        files.pdf() + files.archive(a=b"a"),
        files.image("PNG") + files.archive(a=b"a"),
        # the archive says that its comment goes to the end, where the mark of a PDF stands
        files.pdf() + files.archive(a=b"a")[:-2] + b"\x06\x00%%EOF\n",
        files.image("JPEG", comment=b"%PDF-1.7"),
    ],
)
def test_what_is_two_things_at_once_is_refused(content: bytes) -> None:
    assert "deux choses à la fois" in refused(content)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + b"\x00" * 5_000,
        b"%PDF-",
        files.pdf()[:100],
        files.image("PNG")[:40],
        files.image("JPEG", (300, 300))[:400],
        b"II*\x00" + b"\xff" * 64,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ],
)
def test_what_is_damaged_is_refused(content: bytes) -> None:
    assert "abîmé" in refused(content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (files.scripted, "contient un programme JavaScript"),
        (files.launching, "demande à lancer un programme"),
        (files.carrying, "contient d'autres fichiers"),
    ],
)
def test_what_a_pdf_does_by_itself_is_told(change: Callable[[pikepdf.Pdf], Any], words: str) -> None:
    written = files.pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert [one for one in inspect(written).remarks if words in one]


def test_a_name_that_is_written_in_codes_is_known_too() -> None:
    written = files.pdf(files.scripted).replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")
    assert b"/J#53" in written
    assert inspect(written).remarks == ("Ce PDF contient un programme JavaScript.",)


def test_what_follows_a_pdf_is_told() -> None:
    assert inspect(files.pdf() + b"\r\n \0").remarks == ()
    assert inspect(files.pdf() + b"<script>").remarks == ("Ce PDF est suivi d'autres données.",)


def test_a_pdf_under_a_password_is_refused_and_one_that_only_forbids_printing_is_not() -> None:
    def locked(user: str) -> bytes:
        return files.pdf(encryption=pikepdf.Encryption(owner="o", user=user))

    assert "mot de passe" in refused(locked("secret"))
    assert inspect(locked("")).pages == 1


def _declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says how large it is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def test_a_picture_of_too_many_points_is_refused_before_it_is_decoded() -> None:
    assert "40000 × 40000 points" in refused(_declared(40_000, 40_000))
    assert "points" in refused(_declared(10_001, 10_000))
    # the limit is the size that is said; one that holds fewer points than it says is damaged
    assert "abîmé" in refused(_declared(1_000, 1_000))


def test_too_many_pages_are_refused() -> None:
    made = pikepdf.new()
    made.add_blank_page()
    page = made.pages[0].obj
    kids = pikepdf.Array([page] * (MOST_PAGES + 1))
    made.Root.Pages.Kids, made.Root.Pages.Count = kids, MOST_PAGES + 1
    written = io.BytesIO()
    made.save(written)
    assert f"{MOST_PAGES} au plus" in refused(written.getvalue())


def test_a_pdf_without_a_page_is_refused() -> None:
    assert "0 pages" in refused(files.pdf(lambda made: made.pages.__delitem__(0)))


def test_what_takes_too_long_or_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_WITHIN", 0.001)
    assert "trop lourd" in refused(files.pdf())


def test_a_stream_that_grows_a_thousand_times_costs_nothing() -> None:
    """Streams are not opened to be looked at; object streams are, under a limit of memory."""
    bomb = zlib.compress(b"0" * 50_000_000, 1)

    def swollen(made: pikepdf.Pdf) -> None:
        made.Root.Bomb = made.make_stream(bomb, Filter=pikepdf.Name.FlateDecode)

    assert inspect(files.pdf(swollen)).pages == 1


def test_objects_that_hold_each_other_end() -> None:
    def knotted(made: pikepdf.Pdf) -> None:
        one = made.make_indirect(pikepdf.Dictionary())
        one.Self = one
        deep = pikepdf.Array()
        for _ in range(200):
            deep = pikepdf.Array([deep])
        made.Root.Knot, made.Root.Deep = one, deep

    assert inspect(files.pdf(knotted)).pages == 1


def test_the_child_has_no_environment_and_writes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    asked: list[Any] = []
    real = subprocess.run

    def run(*command: Any, **more: Any) -> Any:
        asked.append(more)
        return real(*command, **more)

    monkeypatch.setattr(subprocess, "run", run)
    inspect(files.pdf())
    assert (asked[0]["env"], asked[0]["cwd"]) == ({}, "/")


def test_a_page_is_drawn_as_a_picture_and_read_as_text() -> None:
    written = files.said("Facture du fournisseur")
    with Image.open(io.BytesIO(picture(written, PDF, 1))) as drawn:
        assert (drawn.format, max(drawn.size)) == ("PNG", 1_600)
        assert min(drawn.convert("L").tobytes()) < 60
    assert text(written, PDF, 1).strip() == "Facture du fournisseur"
    for page in (0, 2, 10**9):
        with pytest.raises(Unreadable):
            picture(written, PDF, page)


def test_a_picture_is_drawn_anew_without_what_it_carried() -> None:
    written = files.image("JPEG", (3_000, 200), comment=b"<script>alert(1)</script>")
    drawn = picture(written, JPEG, 1)
    assert drawn.startswith(b"\x89PNG")
    assert b"script" not in drawn
    assert text(written, JPEG, 1) == ""
    second = files.image("TIFF", save_all=True, append_images=[Image.new("RGB", (9, 7))])
    with Image.open(io.BytesIO(picture(second, TIFF, 2))) as page:
        assert page.size == (9, 7)


def test_a_page_without_a_size_is_drawn_or_refused() -> None:
    for box in ("[0 0 0 0]", "[0 0 1000000000 1000000000]", "[0 0 0.000000001 14400]"):

        def sized(made: pikepdf.Pdf, box: str = box) -> None:
            made.pages[0].obj.MediaBox = pikepdf.Object.parse(box.encode())

        try:
            drawn = picture(files.pdf(sized), PDF, 1)
        except Unreadable:
            continue
        with Image.open(io.BytesIO(drawn)) as shown:
            assert max(shown.size) <= 1_601


def test_kinds_are_those_of_the_table() -> None:
    from recevable_web.records.models import Kind

    assert {one.value for one in Kind} == {PDF, PNG, JPEG, TIFF}
    assert kind_of(b"MM\x00*") == TIFF
