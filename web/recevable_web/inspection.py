"""What a file that was received really is: opened in a process of its own, with limits, and shown as pictures.

The bytes come from anybody.  The application reads their first ones only; a child process, which may use little time
and memory, write no file and has no environment, parses them (qpdf, Pillow) and draws their pages (PDFium, built
without JavaScript).  A browser is only ever shown those pictures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

PDF, PNG, JPEG, TIFF = "application/pdf", "image/png", "image/jpeg", "image/tiff"
# The first bytes of each kind; a file that does not begin so is none.
_MAGIC: Final = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
_PILLOW: Final = {PNG: "PNG", JPEG: "JPEG", TIFF: "TIFF"}
# Where a reader of PDF still looks for the beginning of one.
_PDF_BEGINS_WITHIN: Final = 1024
MOST_PAGES: Final = 2_000
MOST_PIXELS: Final = 100_000_000
# The longest side of a page shown, in pixels, and what is read of its text, in characters.
_SIDE: Final = 1_600
_TEXT: Final = 20_000
# What the child may use: seconds of processor, seconds in all, bytes of memory.
_CPU, _WITHIN, _MEMORY = 10, 30, 1_200_000_000
# How many children a process has at a time.
_AT_ONCE: Final = threading.BoundedSemaphore(2)

_DAMAGED: Final = "Ce fichier est abîmé ou trop lourd à ouvrir. Demandez-en une nouvelle copie."
_POLYGLOT: Final = "Ce fichier est deux choses à la fois (un document et une archive) : il est refusé."
# What a PDF may do by itself, by the names that the standard gives, and the words for it.
_ACTIVE: Final = {
    "/JS": "contient un programme JavaScript",
    "/JavaScript": "contient un programme JavaScript",
    "/Launch": "demande à lancer un programme",
    "/RichMedia": "contient un contenu animé",
    "/XFA": "contient un formulaire XFA",
    "/ImportData": "demande à importer des données",
    "/SubmitForm": "demande à envoyer des données",
    "/GoToE": "renvoie à un fichier qu'il contient",
    "/EF": "contient d'autres fichiers",
    "/EmbeddedFiles": "contient d'autres fichiers",
}


class Unreadable(Exception):
    """A file that is not taken: the message is a sentence in French for the person who joined it."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was opened: its kind, how many pages or images it has, and what is to be known of it (sentences)."""

    kind: str
    pages: int
    remarks: tuple[str, ...]


def kind_of(content: bytes) -> str:
    """The kind of a file by its first bytes; raises Unreadable, saying what to do, when it is none that is taken."""
    found = next((kind for magic, kind in _MAGIC if content.startswith(magic)), "")
    if not content:
        raise Unreadable("Ce fichier est vide.")
    if content.startswith(b"PK"):
        raise Unreadable("Ce fichier est une archive ou un document de bureautique : joignez-le au format PDF.")
    if not found:
        raise Unreadable("Ce fichier n'est ni un PDF, ni une image PNG, JPEG ou TIFF : joignez-le au format PDF.")
    return found


def inspect(content: bytes) -> Inspected:
    """Open a file and say what it is; raises Unreadable."""
    kind = kind_of(content)
    if (kind != PDF and b"%PDF-" in content[:_PDF_BEGINS_WITHIN]) or zipfile.is_zipfile(BytesIO(content)):
        raise Unreadable(_POLYGLOT)
    found = json.loads(_child("inspect", kind, content))
    return Inspected(kind, found["pages"], tuple(found["remarks"]))


def picture(content: bytes, kind: str, page: int) -> bytes:
    """A page (from 1) drawn as a PNG; raises Unreadable."""
    return _child("picture", kind, content, str(page))


def text(content: bytes, kind: str, page: int) -> str:
    """The text of a page, for those who do not see the picture; empty for an image; raises Unreadable."""
    return _child("text", kind, content, str(page)).decode() if kind == PDF else ""


def _child(verb: str, kind: str, content: bytes, *more: str) -> bytes:
    command = [sys.executable, "-I", "-m", "recevable_web.inspection", verb, kind, *more]
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command, input=content, capture_output=True, timeout=_WITHIN, env={}, cwd="/", check=False
            )
        except subprocess.TimeoutExpired:
            raise Unreadable(_DAMAGED) from None
    if done.returncode == _REFUSED:
        raise Unreadable(done.stdout.decode())
    if done.returncode:
        raise Unreadable(_DAMAGED)
    return done.stdout


# --- the child --------------------------------------------------------------------------------------------------------

_REFUSED: Final = 3


def main(arguments: list[str]) -> int:
    """What the child does: limits first, then the bytes of its standard input."""
    import resource

    for what, most in (
        (resource.RLIMIT_CPU, _CPU),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    verb, kind, *more = arguments
    content = sys.stdin.buffer.read()
    try:
        answer = _ANSWERS[verb, kind == PDF](content, kind, *map(int, more))
    except Unreadable as refused:
        answer, code = str(refused).encode(), _REFUSED
    else:
        code = 0
    sys.stdout.buffer.write(answer)
    return code


def _inspected(pages: int, remarks: list[str]) -> bytes:
    if not 0 < pages <= MOST_PAGES:
        raise Unreadable(f"Ce fichier a {pages} pages : il en faut une au moins et {MOST_PAGES} au plus.")
    return json.dumps({"pages": pages, "remarks": remarks}).encode()


def _inspect_pdf(content: bytes, kind: str) -> bytes:
    import pikepdf

    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            found = {active for one in pdf.objects for active in _active(one)}
            found.update(_active(pdf.trailer))
    except pikepdf.PasswordError:
        raise Unreadable("Ce PDF est protégé par un mot de passe : joignez-le sans mot de passe.") from None
    except pikepdf.PdfError:
        raise Unreadable(_DAMAGED) from None
    remarks = [f"Ce PDF {active}." for active in dict.fromkeys(_ACTIVE.values()) if active in found]
    if content[content.rfind(b"%%EOF") + 5 :].strip(b"\0\t\r\n\f "):
        remarks.append("Ce PDF est suivi d'autres données.")
    return _inspected(pages, remarks)


def _active(top: Any) -> Iterator[str]:
    """What an object of a PDF does by itself, and those it holds; those it refers to are objects of their own."""
    import pikepdf

    left = [top]
    while left:
        one = left.pop()
        if one is not top and getattr(one, "is_indirect", False):
            continue
        if isinstance(one, pikepdf.Stream):
            one = one.stream_dict
        if isinstance(one, pikepdf.Dictionary):
            for key, value in one.items():
                if key in _ACTIVE:
                    yield _ACTIVE[key]
                if key == "/S" and isinstance(value, pikepdf.Name) and str(value) in _ACTIVE:
                    yield _ACTIVE[str(value)]
                left.append(value)
        elif isinstance(one, pikepdf.Array):
            left.extend(one)


def _inspect_image(content: bytes, kind: str) -> bytes:
    with _image(content, kind) as image:
        pages = getattr(image, "n_frames", 1)
    return _inspected(pages, [])


def _picture_of_image(content: bytes, kind: str, page: int) -> bytes:
    with _image(content, kind, page) as image:
        from PIL import ImageOps

        shown = ImageOps.exif_transpose(image).convert("RGB")
    shown.thumbnail((_SIDE, _SIDE))
    return _png(shown)


def _image(content: bytes, kind: str, page: int = 1) -> Any:
    """The image, decoded; its size is known before, and limited."""
    from PIL import Image

    # the number of pixels is checked here, by a sentence
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(BytesIO(content), formats=[_PILLOW[kind]])
        if page > 1:
            image.seek(page - 1)
        if image.width * image.height > MOST_PIXELS:
            raise Unreadable(
                f"Cette image a {image.width} × {image.height} points : {MOST_PIXELS // 1_000_000} millions au plus."
            )
        image.load()
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001  # the decoders raise anything on bytes that are wrong
        raise Unreadable(_DAMAGED) from None
    return image


def _picture_of_pdf(content: bytes, kind: str, page: int) -> bytes:
    with _Page(content, page) as found:
        width, height = found.get_size()
        scale = _SIDE / max(width, height, 1.0)
        return _png(found.render(scale=scale, may_draw_forms=True).to_pil())


def _text_of_pdf(content: bytes, kind: str, page: int) -> bytes:
    with _Page(content, page) as found:
        text = str(found.get_textpage().get_text_bounded())[:_TEXT]
    return text.encode("utf-8", "replace")


class _Page:
    """A page of a PDF, opened by PDFium."""

    def __init__(self, content: bytes, page: int) -> None:
        import pypdfium2

        try:
            self.pdf = pypdfium2.PdfDocument(content)
            self.pdf.init_forms()
            self.page = self.pdf[page - 1]
        except (pypdfium2.PdfiumError, IndexError):
            raise Unreadable(_DAMAGED) from None

    def __enter__(self) -> Any:
        return self.page

    def __exit__(self, *_: object) -> None:
        """Nothing is closed: the process ends."""


def _png(image: Any) -> bytes:
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


_ANSWERS: Final[Mapping[tuple[str, bool], Callable[..., bytes]]] = {
    ("inspect", True): _inspect_pdf,
    ("inspect", False): _inspect_image,
    ("picture", True): _picture_of_pdf,
    ("picture", False): _picture_of_image,
    ("text", True): _text_of_pdf,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
