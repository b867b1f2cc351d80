"""The summary of a batch in French: as text, as JSON, as one HTML page that loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from html import escape
from typing import Final

from recevable.decision.wording import NARROW_SPACE, NO_BREAK_SPACE, amount, count, number
from recevable.outputs.batch.tally import Tally
from recevable.printed import visible
from recevable.report.json_format import dump

# How many rules and data the text names; the page and the JSON have them all.
_NAMED: Final = 10
_RESULTS: Final = {
    "non_satisfait": "non satisfaites",
    "manquant": "donnée manquante",
    "a_apprecier": "à apprécier",
    "indu": "indu",
    "clos": "clos",
}
_CENTS: Final = {"proposes": "à payer", "a_recouvrer": "à recouvrer"}

# A part of the summary: its title, the heads of its columns, its rows; the last column is a number.
_Part = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def kept(dossiers: int) -> str:
    """What an interruption leaves: `12 dossiers décidés sont gardés`."""
    return f"{count(dossiers, 'dossier décidé est gardé', 'dossiers décidés sont gardés')}"


def progress(done: int, rate: float, left: float | None) -> str:
    """`12 000 dossiers, 1 300/s, encore 3 min`; `left` in seconds."""
    text = f"{count(done, 'dossier', 'dossiers')}, {number(round(rate))}/s"
    if left is None:
        return text
    minutes, seconds = divmod(max(0, round(left)), 60)
    return f"{text}, encore {f'{number(minutes)} min' if minutes else f'{seconds} s'}"


def text(tally: Tally) -> str:
    """The summary for a terminal."""
    lines = [f"Bilan : {_counts(tally)}."]
    for title, _, rows in _parts(tally):
        lines += ["", title]
        lines += [f"  {row[-1]:>12}  {visible(' · '.join(row[:-1]))}" for row in rows[:_NAMED]]
        if len(rows) > _NAMED:
            lines.append(f"  {'…':>12}  et {number(len(rows) - _NAMED)} autres")
    return "\n".join(lines) + "\n"


def summary(tally: Tally, suffix: str, name: str) -> str:
    """The summary for a file: `.json`, `.html`, or text for any other suffix; `name` is that of the output."""
    if suffix == ".json":
        return dump(tally.data, indent=True) + "\n"
    return _page(tally, name) if suffix in (".html", ".htm") else text(tally)


def _counts(tally: Tally) -> str:
    counts = [
        (tally.dossiers, "dossier", "dossiers"),
        (tally.accepted, "accepté", "acceptés"),
        (tally.refused, "non accepté ou en attente d'un humain", "non acceptés ou en attente d'un humain"),
        (tally.unreadable, "illisible", "illisibles"),
        (tally.without, "sans décision", "sans décision"),
    ]
    return ", ".join(count(*one) for one in counts if one[0]) or "aucun dossier"


def _parts(tally: Tally) -> Iterator[_Part]:
    data = tally.data
    verdicts: list[tuple[str, ...]] = [
        (name, verdict, number(n)) for name, found in tally.verdicts.items() for verdict, n in found.items()
    ]
    euros: list[tuple[str, ...]] = [(_CENTS[name], amount(Decimal(n) / 100)) for name, n in tally.cents.items()]
    rules: list[tuple[str, ...]] = [
        (one["titre"], rule, _RESULTS[result], number(n))
        for rule, one in data["regles"].items()
        for result, n in one.items()
        if result != "titre"
    ]
    missing: list[tuple[str, ...]] = [
        (one["titre"], name, number(one["dossiers"])) for name, one in data["manquants"].items()
    ]
    errors: list[tuple[str, ...]] = [(code, number(n)) for code, n in tally.errors.items()]
    parts: list[_Part] = [
        ("Verdicts", ("Demande", "Verdict", "Décisions"), verdicts),
        ("Montants", ("Montant", "Euros"), euros),
        ("Règles qui ne sont pas satisfaites", ("Règle", "Identifiant", "Résultat", "Constats"), rules),
        ("Données manquantes", ("Donnée", "Champ", "Dossiers"), missing),
        ("Erreurs", ("Code", "Dossiers"), errors),
    ]
    yield from (part for part in parts if part[2])


_STYLE: Final = """
:root{color-scheme:light dark}
body{margin:0 auto;max-width:70rem;padding:2rem 1.25rem;font:1rem/1.5 Marianne,system-ui,sans-serif}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8888}
td:last-child,th:last-child{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:1.5rem}.a{fill:#18753c}.b{fill:#b34000}.c{fill:#c9191e}.d{fill:#6e445a}
.scroll{overflow-x:auto}
"""
_COLOURS: Final = {"accepter": "a", "completer": "b", "rejeter": "c", "indecidable": "d"}


def _page(tally: Tally, name: str) -> str:
    title = "Bilan d’un traitement de dossiers"
    parts = "".join(_section(part, _bars(tally) if part[0] == "Verdicts" else "") for part in _parts(tally))
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<p><code>{escape(visible(name))}</code></p><p>{escape(_counts(tally))}.</p>{parts}</main></body></html>\n"
    )


def _section(part: _Part, drawn: str) -> str:
    title, heads, rows = part
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return (
        f"<section><h2>{escape(title)}</h2>{drawn}"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}">'
        f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _cells(row: Iterable[str]) -> str:
    return "".join(f"<td>{escape(visible(cell, NARROW_SPACE + NO_BREAK_SPACE))}</td>" for cell in row)


def _bars(tally: Tally) -> str:
    """One bar for each request, cut by its verdicts; the table below says the same in figures."""
    return "".join(f"<p>{escape(visible(name))}</p>{_bar(name, found)}" for name, found in tally.verdicts.items())


def _bar(name: str, found: dict[str, int]) -> str:
    whole, at = sum(found.values()), 0.0
    drawn: list[str] = []
    for verdict, many in sorted(found.items(), key=lambda one: list(_COLOURS).index(one[0])):
        width = 100 * many / whole
        drawn.append(f'<rect class="{_COLOURS[verdict]}" x="{at:.3f}%" width="{width:.3f}%" height="100%"/>')
        at += width
    counts = ", ".join(f"{many} {verdict}" for verdict, many in found.items())
    return f'<svg role="img" aria-label="{escape(visible(f"{name} : {counts}"))}">{"".join(drawn)}</svg>'
