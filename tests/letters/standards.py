"""What a PDF lacks of PDF/UA-1 and of PDF/A-2a, seen without the tool that wrote it, nor its validator.

Not the whole of both standards, of which no free validator is a Python package: what their rules ask of letters, that
is of tagged text with lists, tables and headings, without forms, media or attachments.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import pikepdf

# The structure types of PDF 1.7 (14.8.4).
_GROUPS: Final = "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private"
_BLOCKS: Final = "H H1 H2 H3 H4 H5 H6 P L LI Lbl LBody Table TR TH TD THead TBody TFoot"
_INLINE: Final = "Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form"
STANDARD: Final = {*_GROUPS.split(), *_BLOCKS.split(), *_INLINE.split()}
# What each may stand in, and what may stand in it.
PARENTS: Final = {
    "LI": {"L"}, "Lbl": {"LI", "Note", "TOCI"}, "LBody": {"LI"}, "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"}, "TD": {"TR"}, "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"},
}  # fmt: skip
CHILDREN: Final = {
    "L": {"LI", "Caption", "L"}, "LI": {"Lbl", "LBody"}, "TR": {"TH", "TD"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
}  # fmt: skip
# The operators that paint something.
PAINT: Final = set("Tj TJ ' \" S s f F f* B B* b b* sh Do BI INLINE IMAGE".split())
STANDARDS: Final = {"pdfuaid:part": "1", "pdfaid:part": "2", "pdfaid:conformance": "A"}
_FORBIDDEN: Final = ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide")


def faults(pdf: bytes) -> list[str]:
    """What is wrong, in no particular order; nothing for a PDF that has all of it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            *_document(document),
            *_metadata(document),
            *_structure(document),
            *(fault for page in document.pages for fault in _page(document, page)),
            *_objects(document),
        ]


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else [] if value is None else [value]


def _name(value: Any) -> str:
    return str(value).lstrip("/")


def _document(document: pikepdf.Pdf) -> Iterator[str]:
    root: Any = document.Root
    marks: Any = root.get("/MarkInfo", pikepdf.Dictionary())
    shown: Any = root.get("/ViewerPreferences", pikepdf.Dictionary())
    if document.is_encrypted:
        yield "encrypted"
    if "/ID" not in document.trailer:
        yield "no identifier in the trailer"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not bool(marks.get("/Marked", False)) or bool(marks.get("/Suspects", False)):
        yield "not marked, or suspect"
    if not bool(shown.get("/DisplayDocTitle", False)):
        yield "the title is not shown"
    intents = _several(root.get("/OutputIntents"))
    if not any(one.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in one for one in intents):
        yield "no profile of colours"
    for name in ("/AcroForm", "/AA", "/Collection", "/NeedsRendering", "/XFA"):
        if name in root:
            yield f"{name} in the catalogue"
    if "/EmbeddedFiles" in root.get("/Names", pikepdf.Dictionary()):
        yield "embedded files"


def _metadata(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in document.Root or "/Filter" in document.Root.Metadata:
        yield "no metadata in clear"
        return
    with document.open_metadata() as metadata:
        for key, wanted in STANDARDS.items():
            if str(metadata.get(key)) != wanted:
                yield f"{key} is not {wanted}"
        title = str(metadata.get("dc:title", ""))
    if not title or title != str(document.docinfo.get("/Title", title)):
        yield "no title, or two"


def _structure(document: pikepdf.Pdf) -> Iterator[str]:
    tree = document.Root.get("/StructTreeRoot")
    if tree is None:
        yield "no structure"
        return
    if "/ParentTree" not in tree:
        yield "no parent tree"
    roles = {_name(key): _name(value) for key, value in tree.get("/RoleMap", {}).items()}
    levels: list[int] = []
    yield from _element(tree, "", roles, levels)
    if levels[:1] != [1] or any(after > before + 1 for before, after in pairwise(levels)):
        yield f"headings {levels}"


def _element(element: Any, above: str, roles: dict[str, str], levels: list[int]) -> Iterator[str]:
    kind = _name(element.get("/S", ""))
    kind = roles.get(kind, kind)
    if kind:
        if kind not in STANDARD:
            yield f"structure type {kind}"
        if kind in PARENTS and above not in PARENTS[kind]:
            yield f"{kind} in {above}"
        if above in CHILDREN and kind not in CHILDREN[above]:
            yield f"{above} holds {kind}"
        if kind in ("Figure", "Formula") and not str(element.get("/Alt", element.get("/ActualText", ""))):
            yield f"{kind} without words"
        if kind == "TH" and not any("/Scope" in one for one in _several(element.get("/A"))):
            yield "TH without scope"
        if len(kind) == 2 and kind[0] == "H" and kind[1].isdigit():
            levels.append(int(kind[1]))
    for child in _several(element.get("/K")):
        if isinstance(child, pikepdf.Dictionary) and child.get("/Type") not in ("/MCR", "/OBJR"):
            if kind and child.get("/P") != element:
                yield f"{_name(child.get('/S', ''))} does not know its parent"
            yield from _element(child, kind, roles, levels)


def _page(document: pikepdf.Pdf, page: pikepdf.Page) -> Iterator[str]:
    """Everything painted is content of an element that knows it, or an artifact."""
    known = _parents(document, page)
    stack: list[int | str | None] = []
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), instruction.operands
        if operator in ("BDC", "BMC"):
            tag = _name(operands[0])
            given: Any = operands[1] if operator == "BDC" else {}
            identifier = given.get("/MCID") if isinstance(given, pikepdf.Dictionary) else None
            stack.append("Artifact" if tag == "Artifact" else None if identifier is None else int(identifier))
            if identifier is not None:
                if stack.count("Artifact"):
                    yield "content of an element in an artifact"
                if int(identifier) not in known:
                    yield f"content {identifier} without an element"
        elif operator == "EMC":
            stack.pop()
        elif operator in PAINT and not any(one is not None for one in stack):
            yield f"{operator} neither tagged nor an artifact"
    if "/Annots" in page and page.get("/Tabs") != "/S":
        yield "annotations out of order"
    for one in _several(page.get("/Annots")):
        if not str(one.get("/Contents", "")) or "/StructParent" not in one:
            yield "annotation without words or element"


def _parents(document: pikepdf.Pdf, page: pikepdf.Page) -> set[int]:
    """The numbers of the contents of a page that an element has, and that say so."""
    tree = document.Root.get("/StructTreeRoot", pikepdf.Dictionary()).get("/ParentTree")
    key = page.get("/StructParents")
    if tree is None or key is None:
        return set()
    elements: Any = pikepdf.NumberTree(tree).get(int(key), [])
    return {
        rank
        for rank, element in enumerate(_several(elements))
        if isinstance(element, pikepdf.Dictionary)
        and any(
            rank == (int(kid.MCID) if isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid else kid)
            for kid in _several(element.get("/K"))
        )
    }


def _objects(document: pikepdf.Pdf) -> Iterator[str]:
    """Fonts are there and say what their letters are; nothing acts; no filter that is not free."""
    for one in document.objects:
        if not isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            continue
        if one.get("/S") in _FORBIDDEN or "/JS" in one or one.get("/Type") == "/Filespec":
            yield "something that acts, or a file"
        if "/LZWDecode" in [str(name) for name in _several(one.get("/Filter"))]:
            yield "LZW"
        if one.get("/Type") == "/FontDescriptor" and not any(
            name in one for name in ("/FontFile", "/FontFile2", "/FontFile3")
        ):
            yield f"font {one.FontName} not embedded"
        if one.get("/Type") == "/Font" and not str(one.get("/Subtype")).startswith("/CIDFont"):
            if "/ToUnicode" not in one:
                yield f"font {one.get('/BaseFont')} without its letters"
            if one.get("/Subtype") != "/Type0" and "/FontDescriptor" not in one:
                yield f"font {one.get('/BaseFont')} of the reader"
        if one.get("/Subtype") == "/CIDFontType2" and "/CIDToGIDMap" not in one:
            yield f"font {one.get('/BaseFont')} without its glyphs"
