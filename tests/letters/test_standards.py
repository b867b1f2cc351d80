"""The checks of PDF/UA and PDF/A: each fault made in a letter is seen."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pytest
from tests.letters.conftest import DAY, FACTS, dossier_of
from tests.letters.standards import faults

from recevable import Programme, letters


@pytest.fixture(scope="module")
def letter(programme: Programme) -> bytes:
    """One with headings, lists, a table and a watermark."""
    dossier = dossier_of(programme, "solde-cinq-defauts")
    content = letters.write(programme, "proposition_ordre", dossier, DAY, FACTS["proposition_ordre"], draft=True)
    return letters.pdf(content.data)


def elements(document: pikepdf.Pdf, kind: str) -> Iterator[Any]:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/S") == f"/{kind}":
            yield one


def named(document: pikepdf.Pdf, type_: str) -> Iterator[Any]:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == f"/{type_}":
            yield one


def without(*path: str) -> Callable[[pikepdf.Pdf], None]:
    def broken(document: pikepdf.Pdf) -> None:
        holder: Any = document.Root
        for name in path[:-1]:
            holder = holder[name]
        del holder[path[-1]]

    return broken


def unmarked(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    kept = [one for one in pikepdf.parse_content_stream(page) if str(one.operator) not in ("BDC", "BMC", "EMC")]
    page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))


def unscoped(document: pikepdf.Pdf) -> None:
    del next(elements(document, "TH"))["/A"]


def skipped(document: pikepdf.Pdf) -> None:
    next(elements(document, "H2")).S = pikepdf.Name.H4


def homemade(document: pikepdf.Pdf) -> None:
    next(elements(document, "H2")).S = pikepdf.Name.Titre


def misplaced(document: pikepdf.Pdf) -> None:
    next(elements(document, "TD")).S = pikepdf.Name.P


def borrowed(document: pikepdf.Pdf) -> None:
    for one in named(document, "FontDescriptor"):
        for name in ("/FontFile", "/FontFile2", "/FontFile3"):
            if name in one:
                del one[name]


def mute(document: pikepdf.Pdf) -> None:
    for one in named(document, "Font"):
        if "/ToUnicode" in one:
            del one["/ToUnicode"]


def acting(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def orphaned(document: pikepdf.Pdf) -> None:
    del document.pages[0]["/StructParents"]


def untitled(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        del metadata["dc:title"]


def lesser(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        metadata["pdfaid:conformance"] = "B"


def test_a_letter_has_no_fault(letter: bytes) -> None:
    assert faults(letter) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (without("/Lang"), "no language"),
        (without("/MarkInfo", "/Marked"), "not marked"),
        (without("/ViewerPreferences", "/DisplayDocTitle"), "title is not shown"),
        (without("/OutputIntents"), "profile of colours"),
        (without("/Metadata"), "no metadata"),
        (without("/StructTreeRoot"), "no structure"),
        (without("/StructTreeRoot", "/ParentTree"), "no parent tree"),
        (untitled, "no title"),
        (lesser, "pdfaid:conformance"),
        (unmarked, "neither tagged nor an artifact"),
        (orphaned, "without an element"),
        (unscoped, "TH without scope"),
        (skipped, "headings"),
        (homemade, "structure type Titre"),
        (misplaced, "TR holds P"),
        (borrowed, "not embedded"),
        (mute, "without its letters"),
        (acting, "something that acts"),
    ],
)
def test_a_fault_is_seen(letter: bytes, broken: Callable[[pikepdf.Pdf], None], said: str) -> None:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter)) as document:
        broken(document)
        document.save(written)
    assert any(said in fault for fault in faults(written.getvalue())), faults(written.getvalue())
