"""The letters of a pack: `courriers/`, a file for each kind of letter and `communs.yaml` for what several share.

Every text is dated, says where it comes from, and whether the legal service has validated it.  The folder is optional
and does not affect decisions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, TypeVar

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, in_order
from recevable.pack import nodes
from recevable.pack.applicants import placeholders, written_again
from recevable.pack.hints import did_you_mean, nearest
from recevable.pack.letter_kinds import COMPLETING, FREE, KINDS, ROLES, LetterKind, names
from recevable.pack.model import Pack
from recevable.pack.nodes import Scalar
from recevable.pack.reader import Reader, is_name, name_help
from recevable.pack.source import AnyPack, PackSource, source_of
from recevable.pack.yaml_strict import read_file

FOLDER: Final = "courriers"
COMMON: Final = f"{FOLDER}/communs.yaml"
# Whether the legal service has validated a text.
CONFIRMED: Final = "valide"
TO_CONFIRM: Final = "a_confirmer"
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Dated(Struct, frozen=True):
    """A text from a day on: where it comes from, and whether it is validated."""

    start: date
    text: Scalar
    source: Scalar
    confirmed: bool


class Sender(Struct, frozen=True):
    """Who writes, from a day on: the service, its address, how to reach it (CRPA R. 112-5, L. 111-2)."""

    start: date
    name: str
    lines: tuple[str, ...]
    phone: str
    email: str
    place: str
    source: Scalar
    confirmed: bool


class Mention(Struct, frozen=True):
    """A few words that texts name between braces: the court, a delay."""

    name: Scalar
    values: tuple[Dated, ...]


class Block(Struct, frozen=True):
    """A block of a letter: its role, its heading, its dated texts, and the requests that it is for (none: all)."""

    role: str
    title: str
    values: tuple[Dated, ...]
    requests: tuple[Scalar, ...]
    span: Span


class LetterText(Struct, frozen=True):
    """A letter of the pack: its subject line and its blocks; `span` is the start of its file."""

    kind: LetterKind
    subject: tuple[Dated, ...]
    blocks: tuple[Block, ...]
    span: Span


class Letters(Struct, frozen=True):
    """All that the pack writes."""

    senders: tuple[Sender, ...] = ()
    mentions: Mapping[str, Mention] = {}
    greeting: str = ""
    closing: str = ""
    letters: Mapping[str, LetterText] = {}

    def texts(self) -> Iterator[tuple[LetterText | None, tuple[Dated, ...]]]:
        """Every dated text, with the letter that it belongs to; None for a mention."""
        for mention in self.mentions.values():
            yield None, mention.values
        for letter in self.letters.values():
            yield letter, letter.subject
            for block in letter.blocks:
                yield letter, block.values


_Starting = TypeVar("_Starting", Dated, Sender)


def in_force(values: Iterable[_Starting], on: date) -> _Starting | None:
    """The value of a day: the last that has begun."""
    begun = [one for one in values if one.start <= on]
    return begun[-1] if begun else None


def read(pack: AnyPack) -> Letters:
    """Read the optional `courriers/` of a pack; raises DiagnosticError with every fault of form."""
    source = source_of(pack)
    files = _files(source)
    if not files:
        return Letters()
    diagnostics: list[Diagnostic] = []
    known = {COMMON, *(f"{FOLDER}/{name}.yaml" for name in KINDS)}
    for name in files:
        if name not in known:
            diagnostics.append(_unread(name))
    letters_reader = _LettersReader(source, diagnostics)
    found = letters_reader.letters(COMMON in files, [name for name in KINDS if f"{FOLDER}/{name}.yaml" in files])
    if diagnostics:
        raise DiagnosticError(in_order(diagnostics))
    return found


def used(pack: AnyPack) -> set[str]:
    """Every name that a text holds between braces; empty when the letters cannot be read."""
    return {match[1] for one in _dated(pack) for match in _BRACES.finditer(one.text.text)}


def sources(pack: AnyPack) -> list[Scalar]:
    """Where every text comes from; empty when the letters cannot be read."""
    return [one.source for one in _dated(pack)]


def _dated(pack: AnyPack) -> list[Dated]:
    try:
        # a common block is in several letters
        return list(dict.fromkeys(one for _, values in read(pack).texts() for one in values))
    except DiagnosticError:
        return []


def _files(source: PackSource) -> list[str]:
    return [name for name in source.names() if name.startswith(f"{FOLDER}/")]


def _unread(name: str) -> Diagnostic:
    stem = name.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    close = nearest(stem, [*KINDS, "communs"])
    help = f"Renommez-le `{FOLDER}/{close[0]}.yaml`." if close else f"Courriers : {', '.join(KINDS)}."
    return Diagnostic("COU-NATURE", f"aucun courrier ne se nomme `{stem}`", Span(name, 1, 1), help, subject=stem)


class _LettersReader:
    def __init__(self, source: PackSource, diagnostics: list[Diagnostic]) -> None:
        self.source, self.diagnostics = source, diagnostics
        self.common: dict[str, Block] = {}
        self.used: set[str] = set()

    def reader(self, name: str) -> Reader | None:
        try:
            _, node = read_file(self.source, name)
        except DiagnosticError as error:
            self.diagnostics.extend(error.diagnostics)
            return None
        if not isinstance(node, nodes.Mapping):
            help = "Écrivez une clé par ligne, sans indentation : `objet: …`."
            self.diagnostics.append(Diagnostic("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span, help))
            return None
        return Reader(node, self.diagnostics, f"`{name}`")

    def letters(self, common: bool, kinds: Iterable[str]) -> Letters:
        if not common:
            message = f"il manque `{COMMON}`, où tous les courriers trouvent leur émetteur et leurs mentions"
            help = "Écrivez `emetteur:`, `appel:`, `formule:` et `mentions:`."
            self.diagnostics.append(Diagnostic("COU-NATURE", message, Span(COMMON, 1, 1), help))
            return Letters()
        reader = self.reader(COMMON)
        if reader is None:
            return Letters()
        senders = self.senders(reader)
        greeting, closing = reader.text("appel"), reader.text("formule")
        mentions = self.mentions(reader)
        blocks = reader.mapping("blocs", required=False)
        for name, key in blocks.node.keys.items() if blocks else ():
            body = blocks.mapping(name, f"le bloc `{name}`") if blocks else None
            if not is_name(name):
                reader.fault("PAQ-NOM", f"`{name}` ne peut pas nommer un bloc", key.span, name_help(name))
            elif body is not None:
                self.common[name] = self.block(body)
        if blocks is not None:
            blocks.finish()
        reader.finish()
        found = {}
        for name in kinds:
            letter = self.letter(KINDS[name])
            if letter is not None:
                found[name] = letter
        for name in self.common.keys() - self.used:
            message = f"aucun courrier n'emploie le bloc `{name}`"
            help = f"Employez-le (`- commun: {name}`), ou supprimez-le."
            self.diagnostics.append(Diagnostic("COU-BLOC", message, self.common[name].span, help, subject=name))
        return Letters(senders, mentions, greeting, closing, found)

    def senders(self, reader: Reader) -> tuple[Sender, ...]:
        found: list[Sender] = []
        for item in reader.mappings("emetteur", "un émetteur"):
            start, name, lines = item.day("a_partir_du"), item.text("nom"), item.words("adresse")
            phone, email, place = item.text("telephone"), item.text("courriel"), item.text("lieu", required=False)
            source, confirmed = item.scalar("source"), item.choice("etat", (CONFIRMED, TO_CONFIRM)) == CONFIRMED
            item.finish()
            if start is not None and source is not None:
                item.follows(start, [one.start for one in found], "émetteurs")
                texts = tuple(line.text for line in lines)
                found.append(Sender(start, name, texts, phone, email, place, source, confirmed))
        return tuple(found)

    def mentions(self, reader: Reader) -> dict[str, Mention]:
        block = reader.mapping("mentions", required=False)
        found: dict[str, Mention] = {}
        for name, key in block.node.keys.items() if block else ():
            body = block.mapping(name, f"la mention `{name}`") if block else None
            if not is_name(name):
                reader.fault("PAQ-NOM", f"`{name}` ne peut pas nommer une mention", key.span, name_help(name))
            elif body is not None:
                found[name] = Mention(key, self.dated(body))
                body.finish()
        if block is not None:
            block.finish()
        return found

    def letter(self, kind: LetterKind) -> LetterText | None:
        name = f"{FOLDER}/{kind.name}.yaml"
        reader = self.reader(name)
        if reader is None:
            return None
        subject: tuple[Dated, ...] = ()
        body = reader.mapping("objet", "l'objet")
        if body is not None:
            subject = self.dated(body)
            body.finish()
        blocks = [self.block(item) for item in reader.mappings("blocs", "un bloc")]
        reader.finish()
        return LetterText(kind, subject, tuple(blocks), reader.node.span)

    def block(self, reader: Reader) -> Block:
        """A block written here, or a common one, which may be for some requests only."""
        common = reader.scalar("commun", required=False)
        requests = reader.words("demandes", required=False)
        if common is not None:
            reader.finish()
            known = self.common.get(common.text)
            if known is None:
                help = did_you_mean(common.text, self.common) or f"Écrivez-le sous `blocs:` de `{COMMON}`."
                reader.fault("COU-BLOC", f"aucun bloc commun ne se nomme `{common.text}`", common.span, help)
                return Block(FREE, "", (), requests, common.span)
            self.used.add(common.text)
            return Block(known.role, known.title, known.values, requests, common.span)
        role = reader.choice("role", tuple(ROLES), required=False) or FREE
        title, values = reader.text("titre", required=False), self.dated(reader)
        reader.finish()
        return Block(role, title, values, requests, reader.node.span)

    def dated(self, reader: Reader) -> tuple[Dated, ...]:
        found: list[Dated] = []
        for item in reader.mappings("valeurs", "un texte daté"):
            start, text, source = item.day("a_partir_du"), item.scalar("texte"), item.scalar("source")
            confirmed = item.choice("etat", (CONFIRMED, TO_CONFIRM)) == CONFIRMED
            item.finish()
            if start is not None and text is not None and source is not None:
                item.follows(start, [one.start for one in found], "valeurs")
                found.append(Dated(start, text, source, confirmed))
        node = reader.node.entries.get("valeurs")
        if isinstance(node, nodes.Sequence) and not node.items:
            help = 'Écrivez `- {a_partir_du: "AAAA-MM-JJ", texte: …, source: …, etat: a_confirmer}`.'
            reader.fault("PAQ-DATES", "ce texte n'a aucune valeur", node.span, help)
        return tuple(found)


# --- comparison with the pack ---------------------------------------------------------------------------------------


def verify(source: AnyPack, pack: Pack) -> list[Diagnostic]:
    """The faults of the `courriers/` of a pack, reading faults included."""
    try:
        return in_order(_compare(read(source), pack))
    except DiagnosticError as error:
        return list(error.diagnostics)


def _compare(found: Letters, pack: Pack) -> Iterator[Diagnostic]:
    for name, mention in found.mentions.items():
        every = {one for kind in KINDS.values() for one in names(kind)}
        if name in every or name in pack.parameters:
            message = f"`{name}` est déjà le nom d'un paramètre ou d'une donnée des courriers"
            yield Diagnostic("PAQ-DOUBLON", message, mention.name.span, "Choisissez un autre nom.", subject=name)
    for letter, values in found.texts():
        usable = set(pack.parameters)
        if letter is not None:
            usable |= {*found.mentions, *names(letter.kind)}
        for dated in values:
            yield from placeholders(dated.text, usable, "aucune donnée de ce courrier ne se nomme `{}`")
            yield from written_again(dated.text, pack)
    for letter in found.letters.values():
        for block in letter.blocks:
            requests = tuple(pack.manifest.requests)
            yield from _known(block.requests, requests, "demande inconnue : `{}`", "PAQ-DEMANDE")
            yield from _names(block)
        yield from _roles(letter, pack)


def _known(words: Iterable[Scalar], known: Collection[str], message: str, code: str) -> Iterator[Diagnostic]:
    for word in words:
        if word.text not in known:
            help = did_you_mean(word.text, known) or f"Valeurs possibles : {', '.join(f'`{one}`' for one in known)}."
            yield Diagnostic(code, message.format(word.text), word.span, help, subject=word.text)


def _names(block: Block) -> Iterator[Diagnostic]:
    """A text that does not name what the law makes it say."""
    role = ROLES[block.role]
    for dated in block.values:
        written = {match[1] for match in _BRACES.finditer(dated.text.text)}
        for name in role.names:
            if name not in written:
                message = f"ce texte ne dit pas `{name}` : il porte {role.described}"
                yield Diagnostic("COU-MENTION", message, dated.text.span, f"Écrivez-y `{{{name}}}`.", subject=name)


def _roles(letter: LetterText, pack: Pack) -> Iterator[Diagnostic]:
    """The blocks that the law demands, for each request that the letter may be about."""
    requests: tuple[str, ...] = tuple(pack.manifest.requests) if letter.kind.request else ("",)
    for name in letter.kind.roles:
        asked = [one for one in requests if not (name in COMPLETING and one and pack.manifest.requests[one].strict)]
        lacking = [one for one in asked if not any(serves(block, name, one) for block in letter.blocks)]
        if lacking:
            role = ROLES[name]
            about = f" pour {', '.join(f'`{one}`' for one in lacking)}" if 0 < len(lacking) < len(requests) else ""
            message = f"ce courrier ne porte pas {role.title}{about}{f' ({role.law})' if role.law else ''}"
            yield Diagnostic("COU-BLOC", message, letter.span, f"Ajoutez un bloc `role: {name}`.", subject=name)


def serves(block: Block, role: str, request: str) -> bool:
    """Whether a block has a role in a letter about a request."""
    return block.role == role and concerns(block, request)


def concerns(block: Block, request: str) -> bool:
    """Whether a block belongs in a letter about a request."""
    return not block.requests or not request or any(word.text == request for word in block.requests)
