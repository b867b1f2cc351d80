"""The PDF of a letter, by Typst: tagged (PDF/UA-1 and A-2a), and the same bytes for the same data, anywhere.

The data are JSON that the layout shows; nothing of them is read as markup, and no file but the layout can be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from recevable.digests import sha256
from recevable.letters.content import LetterRefused

_LAYOUT: Final = Path(__file__).parent / "layout"
_FILE: Final = _LAYOUT / "letter.typ"
_NO_FONT: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
STANDARDS: Final = ("ua-1", "a-2a")


class TypstMissing(RuntimeError):
    """The optional dependency that makes PDF files is not installed; the message says how to install it."""

    def __init__(self) -> None:
        super().__init__("un courrier en PDF demande l'option d'installation : pip install 'recevable[courriers]'")


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise TypstMissing from None
    return typst


@lru_cache(maxsize=1)
def _layout() -> bytes:
    return _FILE.read_bytes()


@lru_cache(maxsize=1)
def template() -> str:
    """The SHA-256 of what gives a letter its form: the layout and the version of Typst."""
    return sha256(_layout() + f"typst {_typst().__version__}".encode())


def pdf(data: bytes) -> bytes:
    """The PDF of the data of a letter.

    Raises TypstMissing, LetterRefused when it holds what the fonts cannot write, ValueError when the data are not those
    of a letter.
    """
    found: bytes = _compile(data, "pdf", list(STANDARDS))
    return found


def _compile(data: bytes, format_: str, standards: Sequence[str]) -> Any:
    library = _typst()
    try:
        text = data.decode("utf-8")
        day = datetime.strptime(msgspec.json.decode(data)["date"], "%Y-%m-%d").replace(tzinfo=UTC)
    except (ValueError, TypeError, KeyError, msgspec.DecodeError) as error:
        raise ValueError("these are not the data of a letter") from error
    try:
        return library.compile(
            _layout(),
            root=_LAYOUT,
            format=format_,
            sys_inputs={"letter": text},
            ignore_system_fonts=True,
            pdf_standards=list(standards),
            timestamp=day,
        )
    except library.TypstError as error:
        found = _NO_FONT.search(error.message)
        if found is None:
            raise ValueError(f"this letter cannot be laid out: {error.message}") from error
        raise LetterRefused([f"Les polices du courrier n'ont pas le caractère « {found[1]} »."]) from None
