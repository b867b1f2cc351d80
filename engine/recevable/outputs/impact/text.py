"""The impact of a change for a terminal: changes, verdicts, euros, then the most important dossiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from recevable.decision.model import Verdict
from recevable.decision.wording import count
from recevable.outputs.impact import words as say
from recevable.outputs.impact.words import Unread
from recevable.report.layout import Page, table, visible
from recevable.trials.impact.model import (
    STATES,
    DossierImpact,
    Impact,
    PartChange,
    RequestImpact,
    RequestTotals,
    Version,
)

# The number of dossiers shown in full; the others take one line each.
IN_FULL: Final = 10
# The number of places to read again shown here; the page shows all.
ELSEWHERE: Final = 15
_COLOURS: Final = {str(Verdict.ACCEPT): "green", str(Verdict.COMPLETE): "yellow"}


def render(impact: Impact, unread: Sequence[Unread], zone: tzinfo, page: Page) -> str:
    """The whole text, ending with a newline."""
    lines = [
        page.paint("IMPACT D'UNE MODIFICATION DES RÈGLES", "bold"),
        *page.paragraph(impact.title, ""),
        *_version("Avant", impact.before, page),
        *_version("Après", impact.after, page),
        page.paint("─" * page.width, "dim"),
        "",
        *(page.paint(line, "bold") for line in page.paragraph(say.headline(impact), "")),
        *(line for text in say.asides(impact, unread) for line in page.paragraph(text, "")),
        *(page.paint(line, "dim") for text in say.days(impact) for line in page.paragraph(text, "")),
        *changes(impact, zone, page),
        *_elsewhere(impact, page),
        *_wordings(impact, page),
        *_possible(impact, page),
    ]
    if impact.dossiers:
        lines += [*_matrices(impact, page), *_euros(impact, page), *_dossiers(impact, zone, page)]
    return "\n".join(lines) + "\n"


def _possible(impact: Impact, page: Page) -> Iterator[str]:
    """What may change for other dossiers, when it was asked."""
    if impact.possible is None:
        return
    yield from _heading("CE QUI PEUT CHANGER POUR D'AUTRES DOSSIERS", page)
    yield from page.paragraph(say.possibilities(impact.possible), "  ")
    for one in impact.possible.changes:
        yield from page.paragraph(say.possible(one), "  ")
        for decision in one.decisions:
            yield from page.paragraph(decision, "      ")


def _version(label: str, version: Version, page: Page) -> list[str]:
    commit = f", commit {version.commit[:10]}" if version.commit else ""
    return page.paragraph(f"{label} : {say.version(version)} (paquet {version.sha256[:12]}{commit})", "")


def _heading(text: str, page: Page) -> list[str]:
    return ["", page.paint(text, "bold")]


# --- what changed in the pack -----------------------------------------------------------------------------------------


def changes(impact: Impact, zone: tzinfo, page: Page) -> Iterator[str]:
    """What changed in the pack, in words: a blank line and a heading, then each change; nothing when nothing did."""
    changes = impact.changes
    if not changes.any:
        return
    yield from _heading("CE QUI CHANGE DANS LE PAQUET", page)
    for change in changes.parameters:
        if not change.part.effective:
            continue
        yield from _part("Paramètre", change.part, page)
        if change.periods:
            yield from page.paragraph(say.read_day(change), "      ")
        for period in change.periods:
            text = f"{say.period(period)} : {say.value_difference(period, change, zone)}"
            yield from page.paragraph(text, "      ")
            if say.beyond(impact, period):
                yield from page.paragraph(say.beyond(impact, period), "        ")
        yield from _keys(change.part, page)
    for rule in changes.rules:
        if rule.effective:
            yield from _part("Règle", rule, page)
            yield from page.paragraph(say.succession(rule), "      ") if rule.follows else ()
            yield from _keys(rule, page)
    quiet = say.without_effect(changes)
    if quiet:
        yield from page.paragraph(f"{say.quiet(len(quiet))} : {', '.join(quiet)}", "  ")
    programme = [one for one in changes.programme if one.effective]
    if programme:
        yield "  programme.yaml"
        for one in programme:
            yield from page.paragraph(say.key(one), "      ")
    if changes.schema:
        yield "  Schéma des dossiers"
        for path, kind in changes.fields:
            yield from page.paragraph(f"champ {path} {say.CHANGE[kind]}", "      ")
        if not changes.fields:
            yield "      aucun champ n'apparaît, ne disparaît ni ne change de type"


def _part(what: str, part: PartChange, page: Page) -> list[str]:
    feminine = "e" if what == "Règle" else ""
    head = f"{what} {part.origin.name} {say.CHANGE[part.kind]}{feminine} : {part.title}"
    where = page.paint(visible(f"{part.file}:{part.line}"), "dim")
    return [*page.paragraph(head, "  "), f"      {where}"]


def _keys(part: PartChange, page: Page) -> Iterator[str]:
    for change in part.keys:
        yield from page.paragraph(say.key(change), "      ")


def _elsewhere(impact: Impact, page: Page) -> Iterator[str]:
    """The places of the pack to read again."""
    if not impact.elsewhere:
        return
    yield from _heading("AUTRES ENDROITS À RELIRE", page)
    for one in impact.elsewhere[:ELSEWHERE]:
        yield from page.paragraph(say.elsewhere(one), "  – ", "    ")
        yield from _grey(say.place(one), "    ", page)
    rest = len(impact.elsewhere) - ELSEWHERE
    if rest > 0:
        others = count(rest, "autre est", "autres sont")
        yield from page.paragraph(f"{others} dans la page (--format html).", "  ")


def _wordings(impact: Impact, page: Page) -> Iterator[str]:
    """The messages that read otherwise."""
    if not impact.wordings:
        return
    yield from _heading("MOTIFS RÉDIGÉS AUTREMENT", page)
    for one in impact.wordings:
        yield from page.paragraph(f"{one.rule}, {one.title} : {count(one.count, 'motif', 'motifs')}", "  ")
        yield from page.paragraph(f"avant : « {one.before} »", "      ")
        yield from page.paragraph(f"après : « {one.after} »", "      ")


# --- the figures ------------------------------------------------------------------------------------------------------


def _matrices(impact: Impact, page: Page) -> Iterator[str]:
    yield from _heading("VERDICTS : avant en lignes, après en colonnes", page)
    for totals in impact.requests.values():
        moved = count(totals.moved, "verdict change", "verdicts changent") if totals.moved else "aucun changement"
        yield f"  {totals.title} : {moved}"
        if totals.moved:
            yield from _matrix(totals, page)


def _matrix(totals: RequestTotals, page: Page) -> list[str]:
    rows = [state for state in STATES if any(before == state for before, _ in totals.matrix)]
    columns = [state for state in STATES if any(after == state for _, after in totals.matrix)]
    cells = [["", *(say.STATE[state] for state in columns)]]
    for row in rows:
        counts = [totals.matrix.get((row, column), 0) for column in columns]
        cells.append([say.STATE[row], *(str(n) if n else "·" for n in counts)])
    # figures are right-aligned with their heading
    for rank in range(1, len(columns) + 1):
        width = max(len(line[rank]) for line in cells)
        for line in cells:
            line[rank] = line[rank].rjust(width)
    head, *lines = table(cells, 4)
    return [page.paint(head, "dim"), *lines]


def _euros(impact: Impact, page: Page) -> Iterator[str]:
    parts = (
        ("À payer : ce que proposent les demandes acceptées sans réserve", impact.payable),
        ("Sous réserve : ce que paieraient les demandes acceptées, selon une appréciation humaine", impact.reserved),
        ("Montants calculés, quel que soit le verdict", impact.proposed),
        ("En jeu dans les cas de recouvrement à instruire", impact.recovery),
    )
    if not any(say.moves(balance) for _, balance in parts):
        return
    yield from _heading("EN EUROS", page)
    for label, balance in parts:
        if not say.moves(balance):
            continue
        yield from page.paragraph(label, "  ")
        for name, value, how_many in say.balance(balance, "cas" if balance is impact.recovery else "demande"):
            yield from page.leader(name, value, how_many)
        if balance.unknown:
            yield from page.paragraph(say.unknown(balance), "    ")


# --- the dossiers -----------------------------------------------------------------------------------------------------


def _dossiers(impact: Impact, zone: tzinfo, page: Page) -> Iterator[str]:
    yield from _heading("DOSSIERS À REGARDER D'ABORD", page)
    for rank, dossier in enumerate(impact.dossiers[:IN_FULL], start=1):
        yield from _dossier(rank, dossier, zone, page)
    rest = impact.dossiers[IN_FULL:]
    if rest:
        yield from _heading(f"ET {count(len(rest), 'AUTRE', 'AUTRES')}", page)
        for rank, dossier in enumerate(rest, start=IN_FULL + 1):
            yield from page.paragraph(f"{dossier.name} : {say.reason(dossier)}", f"{rank:>4}. ")


def _dossier(rank: int, dossier: DossierImpact, zone: tzinfo, page: Page) -> Iterator[str]:
    yield ""
    bullet = f"{rank:>4}. "
    indent = " " * len(bullet)
    name = f"{dossier.name}  ({dossier.reference})" if dossier.reference else dossier.name
    yield from (page.paint(line, "bold") for line in page.paragraph(name, bullet))
    yield from page.paragraph(say.sentence(say.reason(dossier)), indent)
    yield from (page.paint(line, "dim") for line in page.paragraph(say.sentence(say.source_of_day(dossier)), indent))
    for request in dossier.requests:
        yield from _request(request, zone, indent, page)
    for refusal, which in ((dossier.refusal_before, "avant"), (dossier.refusal_after, "après")):
        if refusal:
            yield from page.paragraph(f"Illisible {which} : {refusal}", indent)
    for case in dossier.cases:
        yield from page.paragraph(f"Recouvrement, {case.title} : {say.case(case)}", indent)
        yield from _grey(say.reference(case.rule, case.origins), indent, page)
    for change in dossier.recovery:
        yield from page.paragraph(f"Recouvrement, {change.title} : {say.finding(change)}", indent)
        yield from _grey(say.reference(change.rule, change.origins), indent, page)


def _request(request: RequestImpact, zone: tzinfo, indent: str, page: Page) -> Iterator[str]:
    verdict = say.transition(request)
    colour = _COLOURS.get(request.after.state, "red")
    for line in page.paragraph(f"{request.title} : {verdict}", indent):
        yield page.paint(line, colour) if request.moved else line
    money = say.money(request)
    if money:
        yield from page.paragraph(money, indent + "  ")
    inner = indent + "  "
    for cause in request.causes:
        if cause.effect != "montant":
            yield from page.paragraph(say.cause(cause), f"{inner}– ", f"{inner}  ")
            for text in say.rewordings(cause.before, cause.after):
                yield from page.paragraph(text, f"{inner}  ")
            yield from _grey(say.reference(cause.rule, cause.origins), f"{inner}  ", page)
    for change in say.other_findings(request):
        yield from page.paragraph(f"{change.title} : {say.finding(change)}", f"{inner}– ", f"{inner}  ")
        for text in say.rewordings(change.before, change.after):
            yield from page.paragraph(text, f"{inner}  ")
        yield from _grey(say.reference(change.rule, change.origins), f"{inner}  ", page)
    for amount in request.amounts:
        yield from page.paragraph(say.amount_change(amount, zone), f"{inner}– ", f"{inner}  ")
    for cause in request.causes:
        if cause.effect == "montant":
            yield from _grey(say.reference(cause.rule, cause.origins), f"{inner}  ", page)


def _grey(text: str, indent: str, page: Page) -> list[str]:
    return [page.paint(line, "dim") for line in page.paragraph(text, indent)]
