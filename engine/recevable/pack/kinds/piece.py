"""`piece`: a document of the request, which may be absent, invalid in several ways, or out of date.

Every defect has its own check, so that one decision reports them all; an absent document has no other defect.  An
optional one (`facultative`) may be absent without effect: its rule is then not applicable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from recevable.pack.kinds.base import (
    Content,
    Expression,
    Kind,
    Place,
    RuleCompiler,
    condition_of_cause,
    decisive,
    read_cause,
)
from recevable.pack.model import NOT_APPLICABLE, SATISFIED, Check, Rule, Step

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

ABSENT: Final = "absente"
EXPIRED: Final = "perimee"


class Piece(Kind):
    """The path of the document: `piece: chemin`, `facultative`, `si_absente`, `si_invalide: [...]`, `si_perimee`."""

    key = "piece"
    title = "Pièce"
    noun = "une pièce"
    keys = frozenset({"facultative", "si_absente", "si_invalide", "si_perimee"})
    expressions = (Expression(("piece",), "Pièce à produire", name=True),)
    listed = Place.DOCUMENT

    def read(self, reader: Reader) -> Content:
        """A cause for its absence and for each defect."""
        optional = reader.boolean("facultative")
        absence = reader.mapping("si_absente", required=not optional)
        if optional and absence is not None:
            help = "Ôtez `si_absente`, ou `facultative` si son absence a une conséquence."
            reader.fault("PAQ-CAUSE", "une pièce facultative peut manquer sans effet", absence.node.span, help)
        causes = [read_cause(absence, ABSENT, "si_absente", dated=True)]
        seen: set[str] = set()
        for rank, item in enumerate(reader.mappings("si_invalide", "un défaut de la pièce", required=False)):
            name = item.name("cause", "une cause")
            cause = read_cause(item, name.text if name else "", "si_invalide", rank, condition=True)
            if name is not None and name.text in (ABSENT, EXPIRED):
                help = f"Employez `si_{name.text}`, ou choisissez un autre mot."
                item.fault("PAQ-CAUSE", f"la cause `{name.text}` a sa propre clé", name.span, help)
            elif name is not None and name.text in seen:
                message = f"la cause `{name.text}` figure deux fois dans la règle"
                item.fault("PAQ-CAUSE", message, name.span, "Donnez-lui un autre nom.")
            if name is not None:
                seen.add(name.text)
            causes.append(cause)
        if reader.has("si_perimee"):
            causes.append(read_cause(reader.mapping("si_perimee"), EXPIRED, "si_perimee", condition=True))
        return Content(tuple(c for c in causes if c is not None), optional=optional)

    def card(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """Whether the document may be absent."""
        if rule.optional:
            yield "Facultative", "la pièce peut manquer sans effet"

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check for the presence, one per defect."""
        (document,) = self.proper(rule)
        present = compiler.presence(document.text)
        opening = compiler.opening(rule)
        found = []
        if rule.optional:
            given = Step(present, SATISFIED, NOT_APPLICABLE, written=(document,))
            found.append(Check(rule.id, ABSENT, (*opening, given), SATISFIED))
        for cause in rule.causes:
            if cause.when is None:
                steps = (*opening, *compiler.dated(cause), decisive(present, document, cause=ABSENT, fails_when=False))
            else:
                there = Step(present, None, NOT_APPLICABLE, written=(document,))
                defect = condition_of_cause(rule, cause, cause.when)
                test = compiler.defect(cause, cause.when)
                steps = (*opening, there, decisive(test, defect, cause=cause.name, fails_when=True))
            found.append(Check(rule.id, cause.name, steps, SATISFIED))
        return found
