"""`nouveau donnee`: a datum more in dossiers, beside one that they have, and its value in the trials."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from recevable import files
from recevable.decision.wording import count
from recevable.dossier.limits import MAX_BYTES
from recevable.drafts import scenario
from recevable.drafts.desk import Desk, schema_place
from recevable.drafts.facts import typed
from recevable.drafts.model import Draft
from recevable.drafts.questions import (
    SOURCE,
    Answers,
    InvalidAnswer,
    Question,
    one_of,
    optional,
    sentence,
    value,
)
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import EACH
from recevable.language.types import Kind, lookup, walk
from recevable.pack.edit import Path as Place
from recevable.pack.edit import at, with_entry
from recevable.pack.loader import RULES
from recevable.pack.nodes import Mapping, Node, to_data
from recevable.pack.nodes import Sequence as Items
from recevable.pack.reader import is_name, name_help
from recevable.pack.yaml_strict import cut
from recevable.trials.known import known_dossiers
from recevable.trials.scenarios import DOSSIERS, FOLDER

# Data of which an example gives so many together are given as a whole: one more belongs to them.
_TOGETHER: Final = 2


def _plain(desk: Desk, _answers: Answers) -> Sequence[str]:
    return [
        path
        for path, type_ in walk(desk.pack.facts)
        if "." in path and EACH not in path and type_.kind not in (Kind.OBJECT, Kind.LIST)
    ]


def _name(desk: Desk, answers: Answers, text: str) -> str:
    if not is_name(text) or text != text.lower():
        raise InvalidAnswer(f"`{text}` n'est pas un nom de champ", name_help(text))
    path = _path(answers, text)
    if lookup(desk.pack.facts, path) is not None:
        raise InvalidAnswer(f"le champ `{path}` existe déjà", "Donnez un autre nom.")
    return text


def _path(answers: Answers, name: str) -> str:
    return f"{answers['voisine'].rpartition('.')[0]}.{name}"


def write(desk: Desk, answers: Answers) -> None:
    """Declare the datum as its neighbour is, and give it a value in the trials that give its neighbours."""
    above, _, leaf = answers["voisine"].rpartition(".")
    path = _path(answers, answers["nom"])
    title, source = answers["titre"], answers["source"]
    node: Any = desk.pack.schema
    for key in (*schema_place(desk.pack.schema, above), "properties", leaf):
        node = node[key]
    described = copy.deepcopy(dict(node)) | {"title": title, "description": f"{title} ({source})."}
    desk.add_field(path, described)
    desk.notes.append(f"`{path}` ne sert encore à rien : employez-le dans une règle")
    if not answers["essais"]:
        desk.notes.append("elle est inconnue dans les essais : une règle qui la lit y répondra `manquant`")
        return
    written = typed(desk, f"{path} = {answers['essais']}")[path]
    together = [f"{above}.{name}" for name, _ in _beside(desk, above, path, leaf)]
    trials = count(_in_pack(desk, together, path, written), "essai", "essais")
    dossiers = count(_in_dossiers(desk, answers["voisine"], path, written), "dossier connu", "dossiers connus")
    desk.notes.append(f"`{path}` vaut {answers['essais']} dans {trials} et {dossiers} qui donnent ce qui l'entoure")


def _beside(desk: Desk, above: str, path: str, leaf: str) -> Iterator[tuple[str, object]]:
    """The data of one kind below an object, without the new one."""
    object_ = lookup(desk.pack.facts, above)
    kind = object_.fields[leaf].kind if object_ is not None else None
    for name, type_ in object_.fields.items() if object_ is not None else ():
        if type_.kind is kind and f"{above}.{name}" != path:
            yield name, type_


def _in_pack(desk: Desk, together: Sequence[str], path: str, written: str) -> int:
    """Add the datum to the examples and the scenarios that give its neighbours together; how many."""
    many = 0
    for name in [*desk.contents]:
        if not name.startswith((f"{RULES}/", f"{FOLDER}/")) or not name.endswith(".yaml"):
            continue
        for place in [*_given(cut(name, desk.contents[name])[1])]:
            held = at(cut(name, desk.contents[name])[1], place)
            found = _where(held, together, path) if isinstance(held, Mapping) else None
            # a scenario changes one datum of a dossier that has the others
            if found is not None and (found[0] or place[0] == RULES):
                inside, key = found
                desk.put(name, with_entry(desk.contents[name], (*place, *inside), key, written))
                many += 1
    return many


def _given(root: Node) -> Iterator[Place]:
    """Where a file of rules or scenarios gives data of a dossier."""
    for number, rule in enumerate(_items(root, RULES)):
        for rank, _ in enumerate(_items(rule, "exemples")):
            yield (RULES, number, "exemples", rank, "avec")
    for number, _ in enumerate(_items(root, "scenarios")):
        yield ("scenarios", number, "changements")


def _items(node: Node, key: str) -> Sequence[Node]:
    held = node.entries.get(key) if isinstance(node, Mapping) else None
    return held.items if isinstance(held, Items) else ()


def _where(given: Mapping, together: Sequence[str], path: str) -> tuple[Place, str] | None:
    """The object in which data give several neighbours of a datum, and the key of the datum there; None for none."""
    parts = path.split(".")
    for cut_at in range(len(parts)):
        node: Node | None = given if cut_at == 0 else given.entries.get(".".join(parts[:cut_at]))
        inside: list[str] = [".".join(parts[:cut_at])] if cut_at else []
        for part in parts[cut_at:-1] if cut_at else ():
            node = node.entries.get(part) if isinstance(node, Mapping) else None
            inside.append(part)
        if not isinstance(node, Mapping):
            continue
        names = together if cut_at == 0 else [one.rpartition(".")[2] for one in together]
        key = path if cut_at == 0 else parts[-1]
        if sum(one in node.entries for one in names) >= _TOGETHER and key not in node.entries:
            return tuple(inside), key
    return None


def _in_dossiers(desk: Desk, neighbour: str, path: str, written: str) -> int:
    """Add the datum to the known dossiers that give its neighbour; how many."""
    known = known_dossiers(desk.opened)
    folders = [desk.folder / FOLDER / DOSSIERS, *([known] if known is not None else ())]
    text = json.dumps(to_data(cut("", f"a: {written}".encode())[1])["a"], ensure_ascii=False)
    *above, leaf = path.split(".")
    many = 0
    for dossier in (one for folder in folders for one in sorted(folder.glob("*.json"))):
        try:
            content = files.read(dossier, MAX_BYTES, dossier.parent)
            data = json.loads(content)
            if not isinstance(data, dict) or scenario.value_at(data, neighbour) is None:
                continue
            desk.opened.read(content, dossier.name)
            completed = with_entry(content, tuple(above), leaf, text)
        except (OSError, ValueError, KeyError, DiagnosticError):
            desk.notes.append(f"à compléter à la main : {dossier.name}")
            continue
        try:
            desk.programme.read(completed, dossier.name)
        except DiagnosticError as error:
            raise InvalidAnswer(f"`{path}` ne peut pas valoir {text}", error.diagnostics[0].message) from None
        desk.beside[dossier] = (content, completed)
        many += 1
    return many


def _value(_desk: Desk, _answers: Answers, text: str) -> str:
    if ";" in text:
        raise InvalidAnswer(f"`{text}` n'est pas une valeur", "Donnez-en une seule, comme `0`.")
    return text


DRAFT: Final = Draft(
    "donnee",
    "Ajouter une donnée aux dossiers, à côté d'une autre.",
    (
        Question("voisine", "À côté de quelle donnée ? Le chemin de celle qui lui ressemble",
                 one_of(_plain, "une donnée du dossier"), choices=_plain),
        Question("nom", "Le nom du champ : lettres sans accent, chiffres et `_`", _name),
        Question("titre", "Ce qu'elle est, en quelques mots", sentence),
        SOURCE,
        Question("essais", "Sa valeur dans les essais qui donnent ses voisines, comme `0` ; vide : inconnue",
                 optional(_value), value("")),
    ),
    write,
)  # fmt: skip
