"""Files to join to dossiers, good and bad, made by the libraries that make real ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from PIL import Image


def pdf(change: Callable[[pikepdf.Pdf], Any] | None = None, pages: int = 1, **saved: Any) -> bytes:
    """A PDF of blank pages, after a change."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    if change is not None:
        change(made)
    written = io.BytesIO()
    made.save(written, **saved)
    return written.getvalue()


@cache
def plain(rank: int = 0) -> bytes:
    """A PDF like no other of another rank."""

    def marked(made: pikepdf.Pdf) -> None:
        made.docinfo["/Title"] = f"pièce {rank}"

    return pdf(marked, deterministic_id=True)


def said(words: str) -> bytes:
    """A PDF of one page that says something."""

    def write(made: pikepdf.Pdf) -> None:
        page = made.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode("latin-1"))

    return pdf(write)


def image(kind: str = "PNG", size: tuple[int, int] = (40, 30), **saved: Any) -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, kind, **saved)
    return written.getvalue()


def archive(**files: bytes) -> bytes:
    """A ZIP."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return written.getvalue()


def scripted(made: pikepdf.Pdf) -> None:
    """A PDF that runs a program when it is opened."""
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def launching(made: pikepdf.Pdf) -> None:
    """A PDF that starts a program of the machine, from an object that nothing refers to."""
    made.Root.AA = made.make_indirect(
        pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe")))
    )


def carrying(made: pikepdf.Pdf) -> None:
    """A PDF that holds another file."""
    made.attachments["facture.xml"] = b"<facture/>"
