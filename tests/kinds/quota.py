"""A kind that is not shipped: `quota`, a number that may not exceed another.

Run as a program, it is the `recevable` command with this kind.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from recevable import data
from recevable.pack.kinds import KINDS
from recevable.pack.kinds.base import (
    Content,
    Expression,
    Kind,
    Mutation,
    MutationOperator,
    RuleCompiler,
    decisive,
    read_cause,
)
from recevable.pack.model import SATISFIED, Check, Rule
from recevable.pack.reader import Reader

BLOCK = Path(__file__).with_name("quota.schema.json")


def interverted(rule: Rule) -> Iterator[Mutation]:
    """Both sides of the comparison."""
    bounded, limit = rule.expressions["de"], rule.expressions["au_plus"]
    new = replace(rule, expressions={"de": limit, "au_plus": bounded})
    yield Mutation("quota", ("quota",), f"{bounded.text}, {limit.text}", f"{limit.text}, {bounded.text}", new)


class Quota(Kind):
    """`quota: {de, au_plus}`, `si_depasse`."""

    key = "quota"
    title = "Quota"
    noun = "un quota"
    keys = frozenset({"si_depasse"})
    expressions = (Expression(("quota", "de"), "Ce qui est compté"), Expression(("quota", "au_plus"), "Quota permis"))
    operators = (MutationOperator("quota", "Quota interverti", "un exemple au-dessus du quota", interverted),)

    def read(self, reader: Reader) -> Content:
        """Its one cause."""
        cause = read_cause(reader.mapping("si_depasse"), "depasse", "si_depasse")
        return Content((cause,) if cause else ())

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check."""
        bounded, limit = self.proper(rule)
        test = compiler.ordered(bounded.text, "<=", limit.text)
        closing = decisive(test, bounded, limit, cause="depasse", fails_when=False)
        return [Check(rule.id, "depasse", (*compiler.opening(rule), closing), SATISFIED)]


def with_block(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of the rules with the block of this kind."""
    found = copy.deepcopy(schema)
    block, rule = json.loads(BLOCK.read_text("utf-8")), found["$defs"]["regle"]
    rule["properties"].update(block["properties"])
    rule["oneOf"] += block["oneOf"]
    rule["allOf"] += block["allOf"]
    return found


if __name__ == "__main__":
    from recevable.cli import main

    KINDS[Quota.key] = Quota()
    schema = with_block(data.read_schema("regles.schema.json"))
    data.read_schema("regles.schema.json").update(schema)  # it is read once
    main()
