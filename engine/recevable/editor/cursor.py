"""The context of the cursor: the word, the key or value around it, and the kinds of names allowed there.

It determines the allowed kinds; `names` lists those of a pack.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from recevable.editor import grammar
from recevable.editor.names import Sort
from recevable.editor.outline import Outline, Path, Piece, outline
from recevable.pack.kinds import KINDS

EXPRESSION: Final = (Sort.FIELD, Sort.PARAMETER, Sort.DEFINITION, Sort.FUNCTION, Sort.WORD)
# keys whose values are names of a pack, in whatever file
_NAMED: Final[dict[str, tuple[Sort, ...]]] = {
    "exception_a": (Sort.RULE,),
    "sous_reserve_de": (Sort.RULE,),
    "regle": (Sort.RULE,),
    "regles": (Sort.RULE,),
    "exigences": (Sort.REQUIREMENT,),
    "demandes": (Sort.REQUEST,),
    "demande": (Sort.REQUEST,),
    "aupres_de": (Sort.PARTY,),
    "sujet": (Sort.RULE, Sort.PARAMETER, Sort.REQUIREMENT),
    "profil": (Sort.FIELD,),
    "racine": (Sort.FIELD,),
    "reception": (Sort.FIELD,),
    "chiffres": (Sort.FIELD,),
    "identifiant": (Sort.FIELD,),
    "montant_propose": (Sort.DEFINITION,),
    "montant_maximal": (Sort.DEFINITION, Sort.PARAMETER),
    "cloture": (Sort.PARAMETER,),
    "seuil": (Sort.PARAMETER,),
    "effectif_minimal": (Sort.PARAMETER,),
}
# blocks whose keys are names of a pack
_KEYED: Final[dict[str, tuple[Sort, ...]]] = {
    "avec": (Sort.FIELD, Sort.DEFINITION, Sort.PARAMETER),
    "changements": (Sort.FIELD,),
    "attendu": (Sort.REQUEST,),
    "montants": (Sort.DEFINITION,),
    "parametres": (Sort.PARAMETER,),
    "demandes": (Sort.REQUEST,),
    "intervenants": (Sort.PARTY,),
}
_WORD: Final = re.compile(r"[^\W\d][\w.]*(?:-[\w.]+)*")
# a rule whose result is read: its identifier is between the quotes
_RESULT_OF: Final = re.compile(r"\bresultat\(\s*\\?\"(?P<typed>[^\"\\]*)$")
_COMPARED: Final = re.compile(
    r"([^\W\d][\w.]*)\s*(?:\([^()]*\)\s*)?(?:=|!=|\bdans\s*\[(?:[^\]\[]*,)?)\s*\\?\"(?P<typed>[^\"\\]*)$"
)


class Cursor(Struct, frozen=True):
    """The position of the cursor in a file of a pack, with its outline and schema."""

    name: str
    sketch: Outline
    schema: dict[str, Any] | None
    offset: int
    piece: Piece | None

    @property
    def path(self) -> Path:
        """The path at the cursor."""
        return self.piece.path if self.piece is not None else ()

    def entry(self) -> grammar.Entry | None:
        """The schema entry of the place."""
        return grammar.entry(self.schema, self.path) if self.schema is not None and self.piece is not None else None

    def sorts(self) -> tuple[Sort, ...]:
        """The kinds of names allowed at the place."""
        if self.piece is None or not self.path:
            return ()
        steps = [step for step in self.path if isinstance(step, str)]
        if self.piece.key:
            around = self.path[-2] if len(self.path) > 1 else ""
            return _KEYED.get(around, ()) if isinstance(around, str) else ()
        about = self.entry()
        if about is not None and "expression" in about.names:
            return EXPRESSION
        if self.in_placeholder():
            return EXPRESSION
        last = steps[-1] if steps else ""
        if last == "id":
            return (Sort.REQUIREMENT,) if self.name == "exigences.yaml" else (Sort.RULE,)
        if self.defines(last):
            return (Sort.DEFINITION,)
        return _NAMED.get(last, ())

    def defines(self, key: str) -> bool:
        """Whether the value of a key names what a rule defines."""
        return self.name.startswith("regles/") and any(key == kind.naming for kind in KINDS.values() if kind.naming)

    def in_placeholder(self) -> bool:
        """Whether the cursor is between the braces of a message."""
        if self.piece is None or self.piece.key or not self.name.startswith("regles/"):
            return False
        before = self.sketch.text[self.piece.start : self.offset]
        return before.rfind("{") > before.rfind("}")

    def compared(self) -> tuple[str, int] | None:
        """The name that a text being typed is compared with (`statut = "pa`), and the start of the text."""
        if self.piece is None or self.piece.key:
            return None
        found = _COMPARED.search(self.sketch.text, self.piece.start, self.offset)
        return (found[1], found.start("typed")) if found else None

    def result_of(self) -> int | None:
        """The start of the identifier being typed in `resultat("`."""
        if self.sorts() != EXPRESSION or self.piece is None:
            return None
        found = _RESULT_OF.search(self.sketch.text, self.piece.start, self.offset)
        return found.start("typed") if found else None

    def word(self) -> tuple[str, int, int] | None:
        """The longest word around the cursor in its piece, hyphens included, with its range."""
        if self.piece is None:
            return None
        for found in _WORD.finditer(self.sketch.text, self.piece.start, self.piece.end):
            if found.start() <= self.offset <= found.end():
                return found[0].rstrip("."), found.start(), found.end()
        return None

    def narrow(self) -> tuple[str, int, int] | None:
        """The same without hyphens, which are minus signs in expressions."""
        found = self.word()
        if found is None:
            return None
        text, start, _ = found
        for part in re.finditer(r"[^-]+", text):
            if start + part.start() <= self.offset <= start + part.end():
                return part[0], start + part.start(), start + part.end()
        return None


def cursor(name: str, text: str, offset: int) -> Cursor:
    """The cursor at an offset in the text of a file of a pack."""
    sketch = outline(text)
    return Cursor(name, sketch, grammar.schema_of(name), offset, sketch.at(offset))
