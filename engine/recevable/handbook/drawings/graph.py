"""The graph of dependencies between computed names; graphlay computes the layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import graphlay
from docutils.nodes import make_id
from msgspec import Struct

from recevable.handbook.drawings import svg
from recevable.handbook.survey import Survey
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, FIELD, PARAMETER
from recevable.pack.graph import NAMES
from recevable.pack.model import Rule

_WIDTH: Final = 190.0
_LINE: Final = 15.0
_CHARS: Final = 28
_ROWS: Final = 3
# The maximum number of neighbours drawn on each side of a name; the page lists them all.
_MOST: Final = 8


class Box(Struct, frozen=True):
    """A node: its text, its style, and the page that it links to."""

    text: str
    style: str
    target: str = ""


def neighbourhood(survey: Survey, rule: Rule) -> str:
    """The drawing of what a definition reads directly, and what uses it."""
    name = rule.defines
    here = f"regles/{rule.id}"
    boxes = {name: Box(survey.phrases.title(AMOUNT_NAME, name), f"{rule.kind} ici", here)}
    links: list[tuple[str, str]] = []
    read: list[tuple[str, Box]] = []
    for op in (DEDUCTION, AMOUNT_NAME, PARAMETER, FIELD):
        read += [(f"{op} {used}", _box(survey, op, used)) for used in survey.read_by(rule, op)]
    users = [(f"regle {user}", _user(survey, user)) for user in survey.users(rule)]
    for key, box in _bounded(read, "avant"):
        boxes[key] = box
        links.append((key, name))
    for key, box in _bounded(users, "apres"):
        boxes[key] = box
        links.append((name, key))
    return _draw(boxes, links, here, f"Ce que lit « {rule.title} » et ce qui s'en sert") if links else ""


def whole(survey: Survey, page: str) -> str:
    """The drawing of every computed name, from inputs to users."""
    links = _links(survey)
    linked = {name for link in links for name in link}
    boxes = {name: _named(survey, name) for name in survey.definers if name in linked}
    return _draw(boxes, links, page, "Graphe des déductions et des montants")


def apart(survey: Survey) -> list[str]:
    """The names that neither use another name nor are used by one."""
    linked = {name for link in _links(survey) for name in link}
    return [name for name in survey.definers if name not in linked]


def _links(survey: Survey) -> list[tuple[str, str]]:
    """The pairs (name read, name that reads it) of computed names."""
    return [
        (used, name)
        for name, rules in survey.definers.items()
        for used in dict.fromkeys(used for rule in rules for op in NAMES for used in survey.read_by(rule, op))
        if used != name
    ]


def _bounded(found: Sequence[tuple[str, Box]], side: str) -> list[tuple[str, Box]]:
    if len(found) <= _MOST:
        return list(found)
    rest = len(found) - _MOST + 1
    return [*found[: _MOST - 1], (f"reste {side}", Box(f"et {rest} autres, listés ci-dessus", "reste"))]


def _named(survey: Survey, name: str) -> Box:
    rules = survey.definers[name]
    if len(rules) == 1:
        return Box(rules[0].title, rules[0].kind, f"regles/{rules[0].id}")
    # several rules, none of which is the only one: the table of computations lists them
    title = f"{len(rules)} règles selon le cas : {survey.phrases.title(AMOUNT_NAME, name)}"
    return Box(title, rules[0].kind, f"calculs#{make_id(f'nom-{name}')}")


def _box(survey: Survey, op: str, name: str) -> Box:
    if op == PARAMETER:
        return Box(survey.pack.parameters[name].title, op, f"parametres/{name}")
    if op == FIELD:
        return Box(survey.phrases.title(op, name), op)
    return _named(survey, name)


def _user(survey: Survey, rule: str) -> Box:
    return Box(f"{rule} · {survey.pack.rules[rule].title}", survey.pack.rules[rule].kind, f"regles/{rule}")


def _draw(boxes: Mapping[str, Box], links: Iterable[tuple[str, str]], page: str, title: str) -> str:
    if not boxes:
        return ""
    graph = graphlay.Graph()
    texts = {key: svg.wrapped(box.text, _CHARS, _ROWS) for key, box in boxes.items()}
    for key in boxes:
        graph.node(key, width=_WIDTH, height=len(texts[key]) * _LINE + 14)
    for source, target in links:
        graph.edge(source, target)
    layout = graphlay.layout(graph, preset="process_map", options=_OPTIONS)
    low, high = layout.bounds["min"], layout.bounds["max"]
    left, top = 10 - low["x"], 10 - low["y"]
    lines = [_edge([(p["x"] + left, p["y"] + top) for p in edge["points"]]) for edge in layout.edges]
    shown = [_node(boxes[key], texts[key], x + left, y + top, page) for key, (x, y) in layout.positions().items()]
    width, height = high["x"] - low["x"] + 20, high["y"] - low["y"] + 20
    return svg.drawing(width, height, "".join([*lines, *shown]), title, "graphe")


_OPTIONS: Final = {
    "direction": "leftright",
    "spacing": {"layer_gap": 46.0, "node_gap": 14.0, "dummy_gap": 10.0, "port_gap": 8.0},
    "routing": {"style": "orthogonal"},
}


def _edge(points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    (x1, y1), (x2, y2) = points[-2], points[-1]
    length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 0.01)
    along, across = ((x2 - x1) / length, (y2 - y1) / length), (-(y2 - y1) / length, (x2 - x1) / length)
    base = (x2 - 7 * along[0], y2 - 7 * along[1])
    corners = [(x2, y2)] + [(base[0] + side * 3 * across[0], base[1] + side * 3 * across[1]) for side in (1, -1)]
    tip = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return svg.element("polyline", points=path, class_="lien") + svg.element("polygon", points=tip, class_="pointe")


def _node(box: Box, lines: Sequence[str], x: float, y: float, page: str) -> str:
    height = len(lines) * _LINE + 14
    frame = svg.element("rect", x=x - _WIDTH / 2, y=y - height / 2, width=_WIDTH, height=height, rx=5)
    first = y - (len(lines) - 1) * _LINE / 2 + 4
    texts = "".join(svg.label(line, x, first + rank * _LINE, text_anchor="middle") for rank, line in enumerate(lines))
    content = svg.element("g", svg.element("title", svg.text(box.text)) + frame + texts, class_=f"noeud {box.style}")
    return svg.element("a", content, href=svg.relative(page, box.target)) if box.target else content
