"""Small pieces of Markdown, and the hand-written models that generated parts are put into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

_MODELS: Final = Path(__file__).parents[1] / "_modeles"
_PART: Final = re.compile(r"^<!-- ([a-z-]+) -->$", re.MULTILINE)
_FENCE: Final = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown, in which a bar would end the cell."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(model: str, parts: Mapping[str, str], fences: Mapping[str, Callable[[list[str]], str]]) -> str:
    """A model in which each `<!-- part -->` line, and each fenced block of a known language, gives way to its text.

    Raises KeyError on a part that does not exist, ValueError on one that the model leaves out.
    """
    text = (_MODELS / model).read_text(encoding="utf-8")
    unused = set(parts) - set(_PART.findall(text))
    if unused:
        raise ValueError(f"{model} leaves out: {', '.join(sorted(unused))}")

    def fenced(match: re.Match[str]) -> str:
        language, body = match.groups()
        return fences[language](body.splitlines()) if language in fences else match[0]

    # fences first: a generated part may hold some of its own
    return _PART.sub(lambda match: parts[match[1]], _FENCE.sub(fenced, text))
