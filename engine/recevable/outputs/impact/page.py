"""The impact of a change as one HTML page: figures, charts, the most important dossiers, then all that change.

The page loads nothing external and opens from a file; it can be printed, follows the light or dark setting, and is
complete without its script, which only sorts and filters.  All texts of dossiers and packs are escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from html import escape
from typing import Final

from recevable.decision.wording import count, number
from recevable.outputs.impact import charts
from recevable.outputs.impact import words as say
from recevable.outputs.impact.assets import SCRIPT, STYLE
from recevable.outputs.impact.words import Unread
from recevable.report.layout import visible
from recevable.trials.impact.model import (
    STATES,
    Cause,
    DossierImpact,
    FindingChange,
    Impact,
    Origin,
    PartChange,
    Reason,
    RequestImpact,
    RequestTotals,
    Side,
    Version,
)

# The number of dossiers shown in full.
IN_FULL: Final = 10
# A space that a line may not break.
_MARK: Final = re.compile(r"(?<=«) | (?=[»:;?!](?: |$))")
_TITLE: Final = "Impact d’une modification des règles"


def render(impact: Impact, unread: Sequence[Unread], zone: tzinfo) -> str:
    """The whole HTML document; the same comparison gives the same bytes."""
    policy = f"default-src 'none'; style-src '{_digest(STYLE)}'; script-src '{_digest(SCRIPT)}'"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="fr">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{_TITLE} : {_text(impact.title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<header>",
            f"<h1>{_TITLE}</h1>",
            f"<p>{_text(impact.title)}</p>",
            '<dl class="versions">',
            *_version("Avant", impact.before),
            *_version("Après", impact.after),
            "</dl>",
            "</header>",
            "<main>",
            f'<p class="lead">{_text(say.headline(impact))}</p>',
            *(f"<p>{_text(text)}</p>" for text in say.asides(impact, unread)),
            *_figures(impact),
            *(f'<p class="soft">{_text(text)}.</p>' for text in say.days(impact)),
            *_changes(impact, zone),
            *_elsewhere(impact),
            *_wordings(impact),
            *_possible(impact),
            *(_verdicts(impact) if impact.dossiers else ()),
            *_euros(impact),
            *_first(impact, zone),
            *_everyone(impact),
            *_unread(unread),
            "</main>",
            f"<script>{SCRIPT}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(text: str) -> str:
    """A text escaped for the page, including direction characters; no line begins with a French mark."""
    return escape(_MARK.sub("\u00a0", visible(text, "\u00a0\u202f")))


def _version(label: str, version: Version) -> Iterator[str]:
    commit = f", commit <code>{_text(version.commit[:10])}</code>" if version.commit else ""
    digest = f'<span class="soft">paquet <code>{version.sha256[:12]}</code>{commit}</span>'
    yield f"<dt>{label}</dt><dd>{_text(say.version(version))} {digest}</dd>"


def _figures(impact: Impact) -> Iterator[str]:
    payable = impact.payable
    tiles = [
        ("Dossiers décidés deux fois", number(impact.decided), f"{number(impact.unchanged)} inchangés", ""),
        ("Dossiers qui changent", number(len(impact.dossiers)), "", ""),
        ("Changent de verdict", number(impact.moved), "", ""),
    ]
    if payable.more_count or payable.less_count:
        how_many = [count(n, "demande", "demandes") for n in (payable.more_count, payable.less_count)]
        tiles += [
            ("À payer en plus", say.signed(payable.more), how_many[0], "up"),
            ("À payer en moins", say.signed(-payable.less), how_many[1], "down"),
            ("Solde", say.signed(payable.net), "", "up" if payable.net > 0 else "down"),
        ]
    yield '<dl class="figures">'
    for label, value, note, style in tiles:
        beside = f'<span class="note">{note}</span>' if note else ""
        yield f'<div class="{style}"><dt>{label}</dt><dd>{value}{beside}</dd></div>'
    yield "</dl>"


# --- what changed in the pack -----------------------------------------------------------------------------------------


def _changes(impact: Impact, zone: tzinfo) -> Iterator[str]:
    changes = impact.changes
    if not changes.any:
        return
    yield "<h2>Ce qui change dans le paquet</h2>"
    effective = [change for change in changes.parameters if change.part.effective]
    if effective:
        yield from _open_table("Paramètres", ("Paramètre", "Jours", "Avant", "Après"))
        for change in effective:
            for period in change.periods:
                yield "<tr>"
                notes = [note for note in (say.read_day(change), say.beyond(impact, period)) if note]
                days = _text(say.period(period)) + "".join(f"<br><small>{_text(note)}</small>" for note in notes)
                yield f'<th scope="row">{_named(change.part)}</th><td>{days}</td>'
                yield f"<td><del>{_text(say.value(period.before, change.type, zone))}</del></td>"
                yield f"<td><ins>{_text(say.value(period.after, change.type, zone))}</ins></td>"
                yield "</tr>"
            yield from _key_rows(change.part)
        yield "</tbody></table></div>"
    rules = [rule for rule in changes.rules if rule.effective]
    if rules:
        yield from _open_table("Règles", ("Règle", "Clé", "Avant", "Après"))
        for changed in rules:
            if not changed.keys or changed.follows:
                label = f"règle {say.CHANGE[changed.kind]}e"
                label += f". {say.succession(changed)}" if changed.follows else ""
                yield f'<tr><th scope="row">{_named(changed)}</th><td colspan="3">{label}</td></tr>'
            yield from _key_rows(changed)
        yield "</tbody></table></div>"
    programme = [one for one in changes.programme if one.effective]
    if programme:
        yield from _open_table("Programme", ("Fichier", "Clé", "Avant", "Après"))
        for one in programme:
            yield f'<tr><th scope="row">programme.yaml</th>{_key_cells(one.key, one.before, one.after)}</tr>'
        yield "</tbody></table></div>"
    if changes.schema:
        fields = ", ".join(f"<code>{_text(path)}</code> ({say.CHANGE[kind]})" for path, kind in changes.fields)
        yield f"<p>Le schéma des dossiers change{f' : {fields}' if fields else ', mais aucun de ses champs'}.</p>"
    yield from _documents(impact)
    quiet = say.without_effect(changes)
    if quiet:
        names = ", ".join(f"<code>{_text(name)}</code>" for name in quiet)
        yield f'<p class="soft">{_text(say.quiet(len(quiet)))} : {names}.</p>'


def _documents(impact: Impact) -> Iterator[str]:
    """Where to read the texts that the sources cite."""
    read = [document for document in impact.documents if document.read_on is not None]
    if read:
        yield "<p>Les textes que citent les sources :</p><ul>"
        for document in read:
            link = f'<a href="{escape(document.address)}">{_text(document.name.text)}</a>'
            yield f"<li>{link}, {_text(say.document(document))}</li>"
        yield "</ul>"


def _elsewhere(impact: Impact) -> Iterator[str]:
    """The places of the pack to read again."""
    if not impact.elsewhere:
        return
    yield "<h2>Autres endroits à relire</h2>"
    yield "<p>L’acte qui change une valeur n’en change pas toujours d’autres : à vous de dire lesquels.</p><ul>"
    for one in impact.elsewhere:
        yield f'<li>{_text(say.elsewhere(one))} <span class="soft">({_text(say.place(one))})</span></li>'
    yield "</ul>"


def _possible(impact: Impact) -> Iterator[str]:
    """What may change for other dossiers, when it was asked."""
    if impact.possible is None:
        return
    yield "<h2>Ce qui peut changer pour d’autres dossiers</h2>"
    yield f"<p>{_text(say.possibilities(impact.possible))}</p><ul>"
    for one in impact.possible.changes:
        decisions = "".join(f"<br>{_text(decision)}" for decision in one.decisions)
        dossier = f"<details><summary>Le dossier</summary><pre>{_text(one.dossier.decode())}</pre></details>"
        yield f"<li>{_text(say.possible(one))}{decisions}{dossier if one.dossier else ''}</li>"
    yield "</ul>"


def _wordings(impact: Impact) -> Iterator[str]:
    """The messages that read otherwise."""
    if not impact.wordings:
        return
    yield "<h2>Motifs rédigés autrement</h2>"
    yield '<p class="soft">Un exemple de chaque motif.</p><ul class="words">'
    for one in impact.wordings:
        head = f"{one.title}, {count(one.count, 'motif', 'motifs')}"
        yield f"<li>{_text(head)} <code>{_text(one.rule)}</code>"
        yield f"<br>avant : <del>{_text(one.before)}</del><br>après : <ins>{_text(one.after)}</ins></li>"
    yield "</ul>"


def _named(part: PartChange) -> str:
    where = f'<br><span class="soft">{_text(part.title)} ({_text(part.file)}:{part.line})</span>'
    return f"<code>{_text(part.origin.name)}</code>{where}"


def _key_rows(part: PartChange) -> Iterator[str]:
    for one in part.keys:
        yield f'<tr><th scope="row">{_named(part)}</th>{_key_cells(one.key, one.before, one.after)}</tr>'


def _key_cells(key: str, before: str | None, after: str | None) -> str:
    old, new = _text(before or say.NOT_WRITTEN), _text(after or say.NOT_WRITTEN)
    return f'<td class="key">{_text(say.key_name(key))}</td><td><del>{old}</del></td><td><ins>{new}</ins></td>'


def _open_table(caption: str, headings: Iterable[str], numbers: Iterable[str] = (), full: bool = True) -> Iterator[str]:
    yield _wide(caption)
    yield f'<table class="{"full" if full else ""}"><caption>{_text(caption)}</caption><thead><tr>'
    for heading in headings:
        yield f'<th scope="col">{heading}</th>'
    for heading in numbers:
        yield f'<th scope="col" class="n">{heading}</th>'
    yield "</tr></thead><tbody>"


def _wide(label: str) -> str:
    """The opening tag of a block that may be wider than the window; it can be scrolled from the keyboard."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{_text(label)}">'


# --- verdicts ---------------------------------------------------------------------------------------------------------


def _verdicts(impact: Impact) -> Iterator[str]:
    yield "<h2>Verdicts</h2>"
    still = [totals.title for totals in impact.requests.values() if not totals.moved]
    for rank, totals in enumerate(impact.requests.values(), start=1):
        if not totals.moved:
            continue
        moved = count(totals.moved, "verdict change", "verdicts changent")
        label = f"{totals.title} : {moved} sur {number(sum(totals.matrix.values()))}"
        yield f"<h3>{_text(label)}</h3>"
        yield "<figure>"
        yield _wide(f"{totals.title}, dessin")
        yield charts.flows(totals.matrix, totals.title, f"verdicts-{rank}")
        yield "</div>"
        yield (
            "<figcaption>À gauche le verdict d’avant, à droite celui d’après. En gris, ce qui ne change pas ; "
            "en couleur, ce qui change, de la couleur du nouveau verdict.</figcaption>"
        )
        yield "</figure>"
        yield from _matrix(totals)
    if still:
        yield f"<p>Aucun changement de verdict : {_text(', '.join(still))}.</p>"


def _matrix(totals: RequestTotals) -> Iterator[str]:
    rows = [state for state in STATES if any(before == state for before, _ in totals.matrix)]
    columns = [state for state in STATES if any(after == state for _, after in totals.matrix)]
    headings = [f"{say.STATE[state]}" for state in columns]
    caption = f"{totals.title} : avant en lignes, après en colonnes"
    yield from _open_table(caption, ("Avant \\ après",), headings, full=False)
    for row in rows:
        yield f'<tr><th scope="row">{say.STATE[row]}</th>'
        for column in columns:
            found = totals.matrix.get((row, column), 0)
            style = "n moved" if found and row != column else "n"
            yield f'<td class="{style}">{number(found) if found else "·"}</td>'
        yield "</tr>"
    yield "</tbody></table></div>"


# --- euros ------------------------------------------------------------------------------------------------------------


def _euros(impact: Impact) -> Iterator[str]:
    parts = [
        ("À payer", impact.payable, "demande"),
        ("Sous réserve d’une appréciation", impact.reserved, "demande"),
        ("Montants calculés, quel que soit le verdict", impact.proposed, "demande"),
        ("En jeu dans les cas de recouvrement à instruire", impact.recovery, "cas"),
    ]
    moving = [(label, balance, what) for label, balance, what in parts if say.moves(balance)]
    if not moving:
        return
    yield "<h2>En euros</h2>"
    yield from _spread(impact)
    yield from _open_table(
        "Sommes des différences ; « à payer » compte ce que proposent les demandes acceptées sans réserve",
        ("Quoi",), ("En plus", "En moins", "Solde"), full=False,
    )  # fmt: skip
    for label, balance, what in moving:
        cells = "".join(
            f'<td class="n">{_text(value)}{f"<br><span class=soft>{_text(how_many)}</span>" if how_many else ""}</td>'
            for _, value, how_many in say.balance(balance, what)
        )
        yield f'<tr><th scope="row">{label}</th>{cells}</tr>'
    yield "</tbody></table></div>"
    for _, balance, _ in moving:
        if balance.unknown:
            yield f"<p>{_text(say.unknown(balance))}</p>"


def _spread(impact: Impact) -> Iterator[str]:
    """The distribution of differences in amounts to pay, or in amounts calculated when none of these changes."""
    requests = [request for dossier in impact.dossiers for request in dossier.requests]
    payable = [d for d in (request.payable_difference for request in requests) if d]
    calculated = [d for d in (request.proposed_difference for request in requests) if d]
    differences = payable or calculated
    if not differences:
        return
    what = "à payer" if payable else "de montant calculé"
    title = f"Répartition des différences {what}, par demande"
    yield "<figure>"
    yield _wide(title)
    yield charts.bars(differences, title, "euros")
    yield "</div>"
    yield (
        f"<figcaption>{title} : une barre par tranche d’euros, sa hauteur est le nombre de demandes. "
        "Les baisses sont à gauche de 0, les hausses à droite.</figcaption>"
    )
    yield "</figure>"


# --- dossiers ---------------------------------------------------------------------------------------------------------


def _first(impact: Impact, zone: tzinfo) -> Iterator[str]:
    if not impact.dossiers:
        return
    yield "<h2>Dossiers à regarder d’abord</h2>"
    yield '<ol class="first">'
    for dossier in impact.dossiers[:IN_FULL]:
        yield from _card(dossier, zone)
    yield "</ol>"


def _card(dossier: DossierImpact, zone: tzinfo) -> Iterator[str]:
    reference = f' <span class="soft">({_text(dossier.reference)})</span>' if dossier.reference else ""
    yield "<li>"
    yield f"<h3>{_text(dossier.name)}{reference}</h3>"
    yield f'<p class="why">{_text(say.sentence(say.reason(dossier)))}</p>'
    yield f'<p class="soft">{_text(say.sentence(say.source_of_day(dossier)))}</p>'
    for request in dossier.requests:
        yield from _request(request, zone)
    for refusal, which in ((dossier.refusal_before, "avant"), (dossier.refusal_after, "après")):
        if refusal:
            yield f"<p>Illisible {which} : {_text(refusal)}</p>"
    if dossier.cases or dossier.recovery:
        yield "<p><strong>Recouvrement</strong></p><ul>"
        for case in dossier.cases:
            yield f"<li>{_text(f'{case.title} : {say.case(case)}')}{_because(case.rule, case.origins)}</li>"
        for change in dossier.recovery:
            text = f"{change.title} : {say.finding(change)}"
            yield f"<li>{_text(text)}{_because(change.rule, change.origins)}</li>"
        yield "</ul>"
    yield "</li>"


def _request(request: RequestImpact, zone: tzinfo) -> Iterator[str]:
    yield f"<p><strong>{_text(request.title)}</strong> : {_transition(request)}</p>"
    money = say.money(request)
    if money:
        yield f"<p>{_text(say.sentence(money))}</p>"
    lines = [
        f"<li>{_text(say.cause(cause))}{_reworded(cause)}{_because(cause.rule, cause.origins)}</li>"
        for cause in request.causes
        if cause.effect != "montant"
    ]
    lines += [
        f"<li>{_text(f'{change.title} : {say.finding(change)}')}{_reworded(change)}"
        f"{_because(change.rule, change.origins)}</li>"
        for change in say.other_findings(request)
    ]
    lines += [
        f"<li>{'<br>'.join(_text(say.amount_change(change, zone)) for change in changes)}{_because('', origins)}</li>"
        for origins, changes in say.by_origins(request.amounts)
    ]
    if lines:
        yield f"<ul>{''.join(lines)}</ul>"


def _reworded(change: Cause | FindingChange) -> str:
    return "".join(f"<br>{_text(text)}" for text in say.rewordings(change.before, change.after))


def _transition(request: RequestImpact) -> str:
    before, after = _state(request.before), _state(request.after)
    same = say.side(request.before) == say.side(request.after)
    return f"{after}, verdict inchangé" if same else f"{before} → {after}"


def _state(side: Side) -> str:
    return f'<span class="state {side.state}">{_text(say.side(side))}</span>'


def _because(rule: str, origins: Sequence[Origin]) -> str:
    reference = say.reference(rule, origins)
    return f'<br><span class="soft">{_text(reference)}</span>' if reference else ""


def _everyone(impact: Impact) -> Iterator[str]:
    if not impact.dossiers:
        return
    yield f"<h2>Tous les dossiers qui changent ({number(len(impact.dossiers))})</h2>"
    reasons = [reason for reason in Reason if any(reason in dossier.reasons for dossier in impact.dossiers)]
    yield '<div class="tools" id="outils" hidden>'
    yield '<label>Chercher <input id="cherche" type="search" placeholder="dossier, règle, verdict…"></label>'
    yield '<label>Raison <select id="raison"><option value="">toutes</option>'
    for reason in reasons:
        yield f'<option value="{reason}">{_text(say.REASON[reason])}</option>'
    yield "</select></label>"
    yield '<p id="compte" class="soft" role="status"></p>'
    yield "</div>"
    yield _wide("Tous les dossiers qui changent")
    yield '<table class="full" id="dossiers"><caption>Du plus pressant au moins pressant</caption><thead><tr>'
    yield '<th scope="col" class="n" data-tri="nombre">Rang</th>'
    yield '<th scope="col" data-tri="texte">Dossier</th>'
    yield '<th scope="col" data-tri="texte">Verdicts</th>'
    yield '<th scope="col" class="n" data-tri="nombre">À payer</th>'
    yield '<th scope="col" data-tri="texte">Raison</th>'
    yield '<th scope="col" data-tri="texte">Règles en cause</th>'
    yield "</tr></thead><tbody>"
    for rank, dossier in enumerate(impact.dossiers, start=1):
        yield from _row(rank, dossier)
    yield "</tbody></table></div>"


def _row(rank: int, dossier: DossierImpact) -> Iterator[str]:
    differences = [request.payable_difference for request in dossier.requests if request.about_money]
    known = [difference for difference in differences if difference is not None]
    total = sum(known, Decimal(0))
    money = "" if not differences else say.signed(total) if len(known) == len(differences) else say.UNKNOWN
    verdicts = "<br>".join(f"{_text(request.title)} : {_transition(request)}" for request in dossier.requests)
    rules = dict.fromkeys(
        [
            *(cause.rule for request in dossier.requests for cause in request.causes),
            *(change.rule for request in dossier.requests for change in say.other_findings(request)),
            *(case.rule for case in dossier.cases),
            *(change.rule for change in dossier.recovery),
        ]
    )
    yield f'<tr data-raisons="{" ".join(dossier.reasons)}">'
    yield f'<td class="n" data-v="{rank}">{number(rank)}</td>'
    yield f'<th scope="row" class="name">{_text(dossier.name)}</th>'
    yield f"<td>{verdicts or 'recouvrement'}</td>"
    yield f'<td class="n" data-v="{total:f}">{_text(money)}</td>'
    yield f"<td>{_text(say.reason(dossier))}</td>"
    yield f"<td>{'<br>'.join(f'<code>{_text(rule)}</code>' for rule in rules)}</td></tr>"


def _unread(unread: Sequence[Unread]) -> Iterator[str]:
    yield from _faults("Dossiers illisibles", [one for one in unread if not one.contradiction])
    yield from _faults("Dossiers sans décision", [one for one in unread if one.contradiction])


def _faults(title: str, found: Sequence[Unread]) -> Iterator[str]:
    if not found:
        return
    yield f"<h2>{title} ({number(len(found))})</h2><ul>"
    for one in found:
        messages = "; ".join(diagnostic.message for diagnostic in one.diagnostics)
        name = f"<code>{_text(one.name)}</code> : " if one.name else ""
        yield f"<li>{name}{_text(messages)}</li>"
    yield "</ul>"
