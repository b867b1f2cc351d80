"""`indu`: a case in which money may have to be paid back.

The software determines the case, its modality, the amount and the step of the procedure.  Every step is left to a
human, except those that the rule declares closed (`resultat: satisfait`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from recevable.pack.kinds.base import (
    Content,
    Expression,
    Kind,
    Mutation,
    MutationOperator,
    RuleCompiler,
    Words,
    condition_of_cause,
)
from recevable.pack.model import (
    BASES,
    MISSING,
    MODALITIES,
    NOT_APPLICABLE,
    Cause,
    Check,
    Claim,
    Outcome,
    Result,
    Rule,
    Step,
)
from recevable.pack.nodes import Sequence as YamlSequence

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader


def _changes(rule: Rule) -> Iterator[Mutation]:
    """Mutations: each other modality and basis, two consecutive steps swapped, a step closed or reopened."""
    if rule.claim is None:
        return
    for key, field, values in (("modalite", "modality", MODALITIES), ("assiette", "basis", BASES)):
        old = getattr(rule.claim, field)
        for value in values:
            if value != old:
                new = replace(rule, claim=replace(rule.claim, **{field: value}))
                yield Mutation(key, (key,), old, value, new)
    for rank, (first, second) in enumerate(zip(rule.causes, rule.causes[1:], strict=False)):
        if second.when is not None:
            order = (*rule.causes[:rank], second, first, *rule.causes[rank + 2 :])
            names = f"{first.name}, {second.name}", f"{second.name}, {first.name}"
            yield Mutation("ordre", (*first.path, "etape"), *names, replace(rule, causes=order))
    for rank, cause in enumerate(rule.causes):
        other = Result.TO_APPRAISE if cause.result is Result.SATISFIED else Result.SATISFIED
        changed = (*rule.causes[:rank], replace(cause, result=other), *rule.causes[rank + 1 :])
        new = replace(rule, causes=changed)
        yield Mutation(f"resultat:{cause.name}", (*cause.path, "resultat"), str(cause.result), str(other), new)


class Undue(Kind):
    """`indu: expression`, `modalite`, `montant`, `assiette`, `etapes: [{etape, si, message, resultat}, ...]`.

    `indu` establishes the case, `modalite` tells how binding the text is, `assiette` whether the amount is exact, a
    maximum or a proposal.
    """

    key = "indu"
    title = "Indu"
    noun = "un indu"
    keys = frozenset({"montant", "modalite", "assiette", "etapes"})
    expressions = (
        Expression(("indu",), "Le cas est établi quand"),
        Expression(("montant",), "Montant en jeu"),
    )
    listed = None
    refused: ClassVar[Mapping[str, str]] = {"pour_chaque": "Un indu porte sur le dossier : lisez-y une somme."}
    words = Words("Étapes de la procédure", "Étape", "Suite")
    operators = (
        MutationOperator(
            "indu",
            "Indu : autre modalité, autre assiette, étapes interverties ou closes",
            "un dossier où ce cas d'indu est établi, à cette étape",
            _changes,
        ),
    )

    def read(self, reader: Reader) -> Content:
        """Read the modality and the basis of the case, and the steps of its procedure."""
        steps: list[Cause] = []
        items = list(reader.mappings("etapes", "une étape"))
        for rank, item in enumerate(items):
            name, message = item.name("etape", "une étape"), item.scalar("message")
            when = item.scalar("si", required=rank < len(items) - 1)
            result = item.choice("resultat", ("satisfait", "a_apprecier"), required=False) or "a_apprecier"
            item.finish()
            if name is not None and any(step.name == name.text for step in steps):
                help = "Donnez-lui un autre nom."
                item.fault("PAQ-CAUSE", f"l'étape `{name.text}` figure deux fois dans la règle", name.span, help)
            if when is not None and rank == len(items) - 1:
                help = (
                    "Supprimez ce `si`, ou ajoutez une étape après : la dernière vaut quand aucune autre ne convient."
                )
                place = item.node.keys["si"].span
                item.fault("PAQ-ETAPES", "la dernière étape ne doit pas avoir de `si`", place, help)
            if name is not None and message is not None:
                steps.append(Cause(name.text, message, ("etapes", rank), when=when, result=Result(result)))
        node = reader.node.entries.get("etapes")
        if isinstance(node, YamlSequence) and not node.items:
            help = "Écrivez au moins une étape, la dernière sans `si`."
            reader.fault("PAQ-ETAPES", "un indu a au moins une étape", node.span, help)
        claim = Claim("indu", "montant", reader.choice("modalite", MODALITIES), reader.choice("assiette", BASES))
        return Content(tuple(steps), claim=claim)

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check: the case, then the first step whose condition holds."""
        established, _ = self.proper(rule)
        case = Step(compiler.boolean(established.text), None, NOT_APPLICABLE, written=(established,))
        chain = [*compiler.opening(rule), case]
        final = MISSING
        for cause in rule.causes:
            outcome = Outcome(cause.result, cause.name)
            if cause.when is None:
                final = outcome
            else:
                here = condition_of_cause(rule, cause, cause.when)
                chain.append(Step(compiler.boolean(cause.when), outcome, None, written=(here,)))
        return [Check(rule.id, "", tuple(chain), final)]

    def card(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """The modality and the basis of the amount, in French."""
        if rule.claim is not None:
            yield "Modalité", MODALITIES[rule.claim.modality]
            yield "Assiette", BASES[rule.claim.basis]
