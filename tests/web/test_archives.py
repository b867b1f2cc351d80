"""Archives that are opened, and all that may not be: bombs, links, names that lead elsewhere, what is damaged."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable_web import archives
from recevable_web.archives import Archive, BadArchive, groups, place

PDF: Final = b"%PDF-1.7 " + bytes(range(32, 127))


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return found.getvalue()


def refused(content: bytes, words: str) -> None:
    with pytest.raises(BadArchive, match=words) as error:
        _read_all(content)
    assert error.value.help.endswith(".")
    assert "\n" not in error.value.message
    assert "\r" not in error.value.message


def _read_all(content: bytes) -> None:
    archive = Archive(io.BytesIO(content))
    for name in archive.names:
        archive.read(name)


def test_what_was_put_in_is_read_again_in_its_order() -> None:
    archive = Archive(io.BytesIO(zipped(("b/dossier.json", b"{}"), ("a.pdf", PDF), ("vide.json", b""))))
    assert archive.names == ("b/dossier.json", "a.pdf", "vide.json")
    assert [archive.read(name) for name in archive.names] == [b"{}", PDF, b""]


def test_names_are_normalized_and_what_systems_leave_is_passed_over() -> None:
    files = [("e\u0301tude.json", b"{}"), ("__MACOSX/x.json", b"x"), ("a/.DS_Store", b"x"), ("Thumbs.db", b"x")]
    assert Archive(io.BytesIO(zipped(*files))).names == ("étude.json",)


@pytest.mark.parametrize(
    "name",
    [
        "../a.json",
        "a/../../b.json",
        "/etc/passwd",
        "a//b.json",
        "./a.json",
        "C:/a.json",
        "a\\..\\b.json",
        "..",
        "a/./b",
    ],
)
def test_a_path_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    refused(zipped(("bon.json", b"{}"), (name, b"x")), "sort de l'archive")


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x.json", "a\u202egpj.exe", "a\u2028b", "a\x1b[31m.json", "a\x7f.pdf"]
)
def test_a_name_with_what_cannot_be_read_is_refused(name: str) -> None:
    refused(zipped((name, b"x")), "ne se lit pas")


def test_a_name_cut_by_a_null_is_refused() -> None:
    refused(zipped(("aXjson.pdf", b"x")).replace(b"aXjson.pdf", b"a\x00json.pdf"), "ne se lit pas")


def test_a_name_that_never_ends_is_refused() -> None:
    refused(zipped(("a" * 301, b"x")), "dépasse 300 caractères")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_a_device_is_refused(kind: int) -> None:
    info = zipfile.ZipInfo("lien.pdf")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    refused(zipped((info, b"/etc/passwd")), "est un lien")


@pytest.mark.parametrize("name", ["a.zip", "a.ZIP", "a.tar.gz", "a.7z"])
def test_a_nested_archive_is_refused_by_its_name(name: str) -> None:
    refused(zipped((name, b"x")), "est lui-même une archive")


def test_a_nested_archive_is_refused_by_its_content() -> None:
    refused(zipped(("a.pdf", zipped(("b.json", b"{}")))), "est lui-même une archive")


def test_the_same_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped(("a.json", b"1"), ("a.json", b"2"))
    refused(twice, "le même nom")
    refused(zipped(("a.json", b"1"), ("A.json", b"2")), "le même nom")


def test_an_encrypted_file_is_refused() -> None:
    content = bytearray(zipped(("a.json", b"{}")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    refused(bytes(content), "est chiffré")


def test_another_compression_is_refused() -> None:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.json", b"{}")
    refused(found.getvalue(), "comprimé d'une manière")


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    refused(zipped(("a.json", b" " * 20_000_000)), "plus de 100 fois sa taille")
    # each below the size at which the ratio counts
    refused(zipped(*((f"{rank}.json", b" " * 900_000) for rank in range(30))), "cette archive ferait plus de 100 fois")


def test_too_large_a_file_too_many_files_and_too_large_a_whole_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES_FILE", 10)
    refused(zipped(("a.json", b"x" * 11)), "fait 11 octets, au plus 10")
    monkeypatch.setattr(archives, "MOST_BYTES_TOTAL", 15)
    refused(zipped(("a.json", b"x" * 10), ("b.json", b"x" * 6)), "plus de 15 octets")
    monkeypatch.setattr(archives, "MOST_FILES", 1)
    refused(zipped(("a.json", b"x"), ("b.json", b"x")), "plus de 1 fichiers")
    monkeypatch.setattr(archives, "MOST_BYTES", 100)
    refused(zipped(("a.json", b"x" * 10)), "au plus 100")


def test_a_directory_larger_than_announced_is_not_read_into_memory() -> None:
    content = bytearray(zipped(("a.json", b"{}")))
    struct.pack_into("<L", content, len(content) - 22 + 12, 0x7FFFFFFF)
    refused(bytes(content), "plus de 5000 fichiers")


def test_zip64_and_a_comment_are_refused() -> None:
    found = io.BytesIO(zipped(("a.json", b"{}")))
    with zipfile.ZipFile(found, "a") as archive:
        archive.comment = b"bonjour"
    refused(found.getvalue(), "commentaire")
    content = bytearray(zipped(("a.json", b"{}")))
    struct.pack_into("<L", content, len(content) - 22 + 16, 0xFFFFFFFF)
    refused(bytes(content), "ZIP64")


def test_a_size_that_lies_is_seen_when_the_file_is_read() -> None:
    content = bytearray(zipped(("a.json", b"x" * 500)))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 20)
    refused(bytes(content), "est abîmé")


def test_files_that_overlap_are_refused() -> None:
    """Two entries of one piece of data, the way of the densest bombs: the local name does not agree."""
    content = bytearray(zipped(("a.json", b"x" * 40), ("b.json", b"y" * 40)))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<L", content, second + 42, 0)
    refused(bytes(content), "abîmé")


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"PK\x05\x06" + b"\0" * 17, b"%PDF-1.7" + b"\0" * 100])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    refused(content, "archive")


def test_an_empty_archive_is_refused() -> None:
    refused(zipped(), "aucun fichier")


@given(at=st.integers(0, 300), byte=st.integers(0, 255), cut=st.integers(0, 300))
def test_damage_anywhere_is_refused_or_changes_nothing_that_is_read(at: int, byte: int, cut: int) -> None:
    """Whatever a byte becomes, nothing else than a refusal is raised, and what is read has the announced size."""
    whole = zipped(("REF/dossier.json", b'{"programme": "x"}'), ("REF/a.pdf", PDF))
    content = bytearray(whole)
    content[at % len(content)] = byte
    for damaged in (bytes(content), whole[:-cut] if cut else whole):
        try:
            archive = Archive(io.BytesIO(damaged))
            for name in archive.names:
                archive.read(name)
        except BadArchive:
            pass


# --- which piece is whose ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "expected", "orphans"),
    [
        (["R1/dossier.json", "R1/a/rib.pdf", "R2/dossier.json", "R2/b.pdf"],
         {"R1/dossier.json": ["a/rib.pdf"], "R2/dossier.json": ["b.pdf"]}, []),
        (["R1.json", "R2.json", "R1/rib.pdf", "R2/x/y.pdf", "perdu.pdf", "R3/z.pdf"],
         {"R1.json": ["rib.pdf"], "R2.json": ["x/y.pdf"]}, ["perdu.pdf", "R3/z.pdf"]),
        (["R1.json", "rib.pdf"], {"R1.json": ["rib.pdf"]}, []),
        (["R1.json", "R1/rib.pdf", "R1/b/c.pdf"], {"R1.json": ["rib.pdf", "b/c.pdf"]}, []),
        (["lot/R1/d.json", "lot/R1/x.pdf", "lot/y.pdf"], {"lot/R1/d.json": ["x.pdf"]}, ["lot/y.pdf"]),
        (["a/d.json", "a/b/e.json", "a/b/x.pdf", "a/y.pdf"], {"a/d.json": ["y.pdf"], "a/b/e.json": ["x.pdf"]}, []),
        (["x.pdf"], {}, ["x.pdf"]),
    ],
)  # fmt: skip
def test_a_piece_belongs_to_the_nearest_dossier_above(
    names: list[str], expected: dict[str, list[str]], orphans: list[str]
) -> None:
    found, left = groups(names)
    assert {one.dossier: [path for _, path in one.pieces] for one in found} == expected
    assert left == orphans


PLACES = ("enrolement.pieces.rib", "enrolement.pieces.formulaire", "avance.pieces.formulaire", "rib2")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("enrolement.pieces.rib.pdf", "enrolement.pieces.rib"),
        ("enrolement/pieces/rib.pdf", "enrolement.pieces.rib"),
        ("enrolement/pieces/rib/page 1.pdf", "enrolement.pieces.rib"),
        ("enrolement.pieces.rib/recto.png", "enrolement.pieces.rib"),
        ("rib.pdf", "enrolement.pieces.rib"),
        ("rib/recto.png", "enrolement.pieces.rib"),
        ("rib2.pdf", "rib2"),
        ("formulaire.pdf", None),
        ("avance/pieces/formulaire.pdf", "avance.pieces.formulaire"),
        ("ribs.pdf", None),
        ("RIB.pdf", None),
        ("scan.pdf", None),
    ],
)
def test_a_place_is_named_or_nothing_is_guessed(path: str, expected: str | None) -> None:
    assert place(path, PLACES) == expected


@given(st.lists(st.from_regex(r"([a-c]/){0,3}[a-c]\.(json|pdf)", fullmatch=True), unique=True, max_size=12))
def test_every_file_is_in_one_group_or_in_none(names: list[str]) -> None:
    found, left = groups(names)
    seen = [one.dossier for one in found] + [name for one in found for name, _ in one.pieces] + left
    assert sorted(seen) == sorted(names)
