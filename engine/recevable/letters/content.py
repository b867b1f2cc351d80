"""What a letter says: the texts of the pack in force on its date, with the values of a decision and of facts.

The result is plain JSON, every sentence of which is final French.  A letter that lacks what the law makes it say, or a
value that its text names, is refused with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable.decision import wording
from recevable.decision.calculation import sentence
from recevable.decision.implied import Completion
from recevable.decision.model import AmountLine, Finding, RequestDecision
from recevable.decision.payable import sum_fault
from recevable.decision.points import points
from recevable.digests import sha256
from recevable.dossier.dossier import Dossier
from recevable.language.diagnostics import Diagnostic, Severity, Span
from recevable.letters.facts import day, incoherent, read_facts
from recevable.letters.typography import siret, typeset
from recevable.pack.letter_kinds import COMPLETING, FREE, KINDS, NOTE, ROLES, TAKEN_UP, LetterKind, names
from recevable.pack.letters import FOLDER, Block, Dated, Letters, LetterText, Sender, concerns, in_force, read, verify
from recevable.pack.model import APPLICANT, Consequence, Result
from recevable.programme import InvalidPack, Programme
from recevable.report import sections

_NAMED: Final = re.compile(r"\{([^{}]*)\}")
_PARAGRAPHS: Final = re.compile(r"\n\s*")
DRAFT: Final = "APERÇU"
# Characters that show nothing, or change what is around them.
_UNPRINTABLE: Final = ("Cc", "Cf", "Cn", "Co", "Cs")
# What an acceptance, a rejection… answers, in the words of a refusal.
_ANSWERS: Final = {"accepter": "d'accepter", "completer": "de demander un complément", "rejeter": "de rejeter"}

Part = dict[str, Any]


class LetterRefused(Exception):
    """A letter that cannot be made; `reasons` are French sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(reasons))


class Unconfirmed(Struct, frozen=True):
    """A text that the legal service has not validated: where it is in the letter, and its source."""

    what: str
    source: str


class LetterContent(Struct, frozen=True):
    """What a letter says: `data` is the JSON that `pdf` lays out; `unconfirmed` what is left to validate."""

    kind: str
    title: str
    subject: str
    data: bytes
    unconfirmed: tuple[Unconfirmed, ...]

    @property
    def confirmed(self) -> bool:
        """Whether every text is validated by the legal service."""
        return not self.unconfirmed


def kinds(programme: Programme) -> tuple[LetterKind, ...]:
    """The kinds of letters that a pack writes; raises InvalidPack when they cannot be read."""
    return tuple(one.kind for one in _texts(programme).letters.values())


def kind_for(programme: Programme, verdict: str) -> LetterKind | None:
    """The letter that tells a verdict (`accepter`, `completer`, `rejeter`); None when the pack writes no letters.

    Raises LetterRefused when the pack writes letters and lacks this one.
    """
    written = _texts(programme).letters
    kind = next((one for one in KINDS.values() if one.verdict == verdict), None)
    if not written or kind is None:
        return None
    if kind.name not in written:
        raise LetterRefused([f"Le programme n'a pas de texte pour ce courrier : {kind.title.lower()}."])
    return kind


def write(
    programme: Programme,
    kind: str,
    dossier: Dossier,
    on: date,
    facts: Mapping[str, Any],
    decision: RequestDecision | None = None,
    *,
    draft: bool = False,
    completions: Mapping[str, Sequence[Completion]] = MappingProxyType({}),
) -> LetterContent:
    """A letter of a date about a dossier; `decision` is the one that it tells, for the kinds that are about a request.

    `completions` is what the applicant was already asked to complete, as for `Programme.implied_decisions`.

    Raises LetterRefused, InvalidFacts when the facts have another form, InvalidPack, ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no letter is named {kind!r}")
    texts = _texts(programme)
    letter = texts.letters.get(kind)
    if letter is None:
        raise LetterRefused([f"Le programme n'a pas de texte pour ce courrier : {KINDS[kind].title.lower()}."])
    given = read_facts(letter.kind, msgspec.json.encode(facts), "faits", programme.zone, programme.manifest.years)
    return _Letter(programme, texts, letter, dossier, on, given, decision, draft, completions).content()


@lru_cache(maxsize=8)
def _texts(programme: Programme) -> Letters:
    for name, digest in programme.pack.digests.items():
        if name.startswith(f"{FOLDER}/") and sha256(programme.source.read(name)) != digest:
            message = f"`{name}` a changé depuis que le paquet est ouvert"
            raise InvalidPack([Diagnostic("PAQ-FICHIER", message, Span(name, 1, 1), "Ouvrez le paquet de nouveau.")])
    errors = [one for one in verify(programme.source, programme.pack) if one.severity is Severity.ERROR]
    if errors:
        raise InvalidPack(errors)
    return read(programme.source)


class _Letter:
    def __init__(
        self,
        programme: Programme,
        texts: Letters,
        letter: LetterText,
        dossier: Dossier,
        on: date,
        facts: Mapping[str, Any],
        decision: RequestDecision | None,
        draft: bool,
        completions: Mapping[str, Sequence[Completion]],
    ) -> None:
        self.programme, self.texts, self.letter, self.kind = programme, texts, letter, letter.kind
        self.dossier, self.on, self.facts, self.decision, self.draft = dossier, on, facts, decision, draft
        self.reasons: list[str] = []
        self.unconfirmed: dict[Unconfirmed, None] = {}
        self.introduced: set[str] = set()
        # values that come from a choice of the pack: what, and its source
        self.doubtful: dict[str, tuple[str, str]] = {}
        self.completions = completions
        self.applicant = programme.applicant(dossier)
        self.reference: str = facts.get("reference") or str(dossier.data.get("reference") or "")
        self.silence = self.implied()
        self.asked = self.actions()
        self.values = self.known()

    def content(self) -> LetterContent:
        """The whole letter; raises LetterRefused with every reason."""
        self.reasons += self.obstacles() + incoherent(self.kind, self.facts, self.on)
        if self.reasons:
            raise LetterRefused(self.reasons)
        sender = in_force(self.texts.senders, self.on)
        if sender is None:
            raise LetterRefused([f"Aucun émetteur n'est connu au {wording.day(self.on)}."])
        self.note(sender.confirmed, "l'émetteur", sender.source.text)
        subject = self.paragraphs(self.letter.subject, "Objet")
        if not subject:
            self.reasons.append(f"L'objet du courrier n'a pas de texte au {wording.day(self.on)}.")
        framed = self.mark(list(self.unconfirmed))
        blocks = list(self.blocks())
        self.mandatory([role for role, _ in blocks])
        if self.reasons:
            raise LetterRefused(list(dict.fromkeys(self.reasons)))
        title = " – ".join(part for part in (self.kind.title, self.request_title(), self.reference) if part)
        data = {
            "nature": self.kind.name,
            "titre": title,
            "date": self.on.isoformat(),
            "apercu": DRAFT if self.draft else None,
            "emetteur": {"nom": sender.name, "lignes": self.address(sender)},
            "destinataire": self.recipient(),
            "fait_le": f"{sender.place}, le {wording.day(self.on)}" if sender.place else f"Le {wording.day(self.on)}",
            "references": self.references(sender),
            "a_confirmer": framed,
            "objet": f"Objet : {' '.join(subject)}",
            "appel": self.texts.greeting,
            "blocs": [block for _, block in blocks],
            "formule": self.texts.closing,
            "signature": self.signature(),
            "pied": f"{self.reference} – {self.kind.title} du {wording.day(self.on)}",
        }
        printed = _printed(data)
        unprintable = sorted({one for one in _characters(printed) if unicodedata.category(one) in _UNPRINTABLE})
        if unprintable:
            named = ", ".join(f"U+{ord(one):04X}" for one in unprintable)
            raise LetterRefused([f"Ce courrier contiendrait des caractères qui ne s'impriment pas : {named}."])
        return LetterContent(
            self.kind.name,
            printed["titre"],
            printed["objet"],
            msgspec.json.encode(printed, order="deterministic"),
            tuple(self.unconfirmed),
        )

    # --- what prevents it -------------------------------------------------------------------------------------------

    def obstacles(self) -> list[str]:
        """Why this letter cannot be written, or cannot tell this decision, in sentences."""
        found = []
        if not self.applicant.name and "nom" not in self.facts.get("destinataire", {}):
            found.append("On ne sait pas à qui ce courrier s'adresse : le dossier ne nomme pas le demandeur.")
        if not self.reference:
            found.append("Le dossier n'a pas de référence : donnez celle que le courrier rappelle (`reference`).")
        decision = self.decision
        if not self.kind.request:
            return found
        if decision is None:
            return [*found, "Ce courrier parle d'une demande : dites laquelle."]
        if not self.kind.verdict:
            return found
        if decision.verdict == "indecidable":
            found.append("Les règles ne décident pas cette demande : ce dont elles dépendent n'est pas connu.")
        if decision.provisional:
            found.append("Une appréciation reste ouverte sur cette demande : répondez-y avant d'écrire.")
        follows = decision.verdict == self.kind.verdict
        departure = "ecart" in self.facts
        if not follows and not departure and decision.verdict != "indecidable":
            proposed = _ANSWERS.get(str(decision.verdict), "autre chose")
            found.append(f"Les règles proposent {proposed} : un autre courrier demande le motif de l'écart (`ecart`).")
        if follows and departure:
            found.append("La décision suit les règles : elle n'a pas d'écart à motiver (`ecart`).")
        if follows and ("montant" in self.facts or "motif_montant" in self.facts):
            found.append("La décision suit les règles : elle n'a pas de somme à fixer (`montant`).")
        if self.kind.verdict == "accepter":
            found += self.fixed(decision) if departure and not follows else self.payable(decision)
        if self.kind.verdict == "completer" and not self.asked:
            found.append("Rien n'est à demander au demandeur : ce qui manque relève d'une autre partie.")
        return found

    def payable(self, decision: RequestDecision) -> list[str]:
        line = decision.proposed
        if line is None:
            return []
        found = []
        if line.value is None:
            found.append(f"« {line.title} » n'est pas connu : le courrier ne peut pas dire ce qui est accordé.")
        elif line.provisional:
            found.append(f"« {line.title} » dépend d'une appréciation qui reste ouverte.")
        return found + self.unsettled(decision)

    def unsettled(self, decision: RequestDecision) -> list[str]:
        if decision.settled is not None:
            return []
        return ["On ne sait pas si cette demande est déjà réglée : le courrier ne peut pas dire ce qui est dû."]

    def fixed(self, decision: RequestDecision) -> list[str]:
        """Why the sum of an acceptance that departs from the rules is not known: a person fixes it, with a reason."""
        cents = self.facts.get("montant")
        if cents is None:
            if decision.proposed is None:
                return []
            return ["L'acceptation s'écarte des règles : dites quelle somme elle fixe (`montant`), et pourquoi."]
        if "motif_montant" not in self.facts:
            return ["La somme fixée a un motif (`motif_montant`)."]
        wrong = sum_fault(decision, Decimal(cents) / 100)
        return [wrong] if wrong else self.unsettled(decision)

    def implied(self) -> tuple[str, date] | None:
        """What silence decides and on which day, for an acknowledgement; None when silence is no decision."""
        if "silence" not in self.kind.roles or self.decision is None:
            return None
        request = self.programme.manifest.requests.get(self.decision.name)
        if request is None or request.silence is None:
            return None
        found = [
            one
            for one in self.programme.implied_decisions(self.dossier, self.on, self.completions)
            if one.request == request.name
        ]
        if not found:
            self.reasons.append("Cette demande a déjà reçu sa réponse : il n'y a plus rien à en accuser.")
            return None
        if found[0].day is None:
            self.reasons.append(
                "On ne sait pas quel jour le silence vaut décision : la date de réception n'est pas connue."
            )
            return None
        if found[0].day < self.on:
            born = wording.day(found[0].day)
            self.reasons.append(f"Le silence a valu décision le {born} : un accusé de réception ne l'annonce plus.")
            return None
        if found[0].to_confirm:
            self.doubtful["silence_le"] = ("le délai au bout duquel le silence vaut décision", found[0].source)
        return found[0].direction, found[0].day

    def actions(self) -> list[Part]:
        """What is asked of the applicant only, each thing with what is wrong and its sources."""
        if not self.kind.asks or self.decision is None:
            return []
        request = self.programme.manifest.requests.get(self.decision.name)
        if request is not None and request.strict:
            return []
        failing = [f for f in self.decision.findings if f.consequence is Consequence.COMPLETE]
        failing = [f for f in failing if f.result in (Result.FAILED, Result.MISSING)]
        found = []
        for action in self.decision.repair.actions:
            if action.party == APPLICANT:
                about = [f for f in failing if f.rule in action.rules]
                messages = [f.message for f in about if f.message and f.result is Result.FAILED]
                found.append(_item(_sentence(action.words), messages, _sources(about)))
        return found + self.departures()

    def departures(self) -> list[Part]:
        """The reasons of the person who departs from the rules."""
        return [_item(one["texte"], [], [one["source"]]) for one in self.facts.get("ecart", [])]

    def version(self) -> str | None:
        """The version of the text that the decision applied; without a decision, the one in force on the date."""
        applied = [one.version.version for one in self.decision.versions if one.version] if self.decision else []
        begun = [one.version for one in self.programme.manifest.versions if one.start <= self.on]
        return " et ".join(dict.fromkeys(applied or begun[-1:])) or None

    def known(self) -> dict[str, str | None]:
        """The values that texts may name, in words; None for one that is not known."""
        manifest, zone = self.programme.manifest, self.programme.zone
        found: dict[str, str | None] = {
            "programme": manifest.title,
            "demandeur": self.facts.get("destinataire", {}).get("nom") or self.applicant.name or None,
            "reference": self.reference,
            "date": wording.day(self.on),
            "version": self.version(),
        }
        decision = self.decision
        if decision is not None:
            found["demande"] = wording.initial(decision.title)
            found["recue_le"] = _received(decision.received, zone) if decision.received is not None else None
            if decision.proposed is not None and decision.proposed.value is not None:
                found["montant"] = wording.amount(decision.proposed.value)
        if self.silence is not None:
            direction, born = self.silence
            found |= {"silence_le": wording.day(born), "silence_sens": direction}
        if self.kind.asks:
            # the delay of the programme, unless another day is given
            runs = self.programme.clocks("complement", self.on, self.on)
            last = runs[0].day if runs else None
            found["completer_avant_le"] = wording.day(last) if last is not None else None
            if last is not None and runs[0].to_confirm and "completer_avant_le" not in self.facts:
                self.doubtful["completer_avant_le"] = ("le délai pour compléter", runs[0].source)
        for fact in self.kind.facts:
            if fact.type == "date" and fact.name in self.facts:
                found[fact.name] = wording.day(day(self.facts, fact.name))
            if fact.type == "montant" and fact.name in self.facts:
                found[fact.name] = _euros(self.facts[fact.name])
        if "acte" in self.facts:
            withdrawn = self.facts["acte"] == "retrait"
            since = f", à compter du {wording.day(day(self.facts, 'effet_le'))}," if "effet_le" in self.facts else ""
            found["acte"] = "le retrait" if withdrawn else f"l'abrogation{since}"
            found["repris"] = "retirée" if withdrawn else "abrogée"
        return found

    # --- blocks ---------------------------------------------------------------------------------------------------

    def applies(self, role: str) -> bool:
        """Whether there is anything for a role to say in this letter."""
        if role in COMPLETING:
            return bool(self.asked)
        if role == "silence":
            return self.silence is not None
        if role == "recours" and "silence" in self.kind.roles:
            return self.silence is not None and self.silence[0] == "rejet"
        if role == "montants":
            return self.decision is not None and self.decision.proposed is not None
        if role == "versement":
            decision = self.decision
            return decision is not None and decision.proposed is not None and decision.settled is False
        if role == "procedure":
            return "contradictoire_le" in self.facts
        if role == "observations_recues":
            return "contradictoire_le" in self.facts
        return role != NOTE or NOTE in self.facts

    def blocks(self) -> Iterator[tuple[str, Part]]:
        request = self.decision.name if self.decision is not None else ""
        for block in self.letter.blocks:
            if not concerns(block, request) or not self.applies(block.role) or in_force(block.values, self.on) is None:
                continue
            before = set(self.unconfirmed)
            title = block.title or ("" if block.role == FREE else ROLES[block.role].title)
            paragraphs = self.paragraphs(block.values, title)
            if block.role == "observations_recues" and not self.facts.get("observations"):
                paragraphs = ["Aucune observation n'a été reçue de votre part."]
            parts = [_paragraph(one) for one in paragraphs] + self.held(block)
            left = [one for one in self.unconfirmed if one not in before]
            yield block.role, {"titre": block.title, "contenu": parts, "a_confirmer": self.mark(left)}

    def mark(self, left: Sequence[Unconfirmed]) -> str:
        """What a preview prints under a block that is not validated; nothing in the letter itself."""
        if not self.draft or not left:
            return ""
        return f"À confirmer par le service juridique : {' ; '.join(f'{one.what} ({one.source})' for one in left)}."

    def paragraphs(self, values: Iterable[Dated], what: str) -> list[str]:
        """The paragraphs of the text in force, with their values in words."""
        dated = in_force(values, self.on)
        if dated is None:
            return []
        self.note(dated.confirmed, f"« {what or _start(dated.text.text)} »", dated.source.text)
        return [self.filled(one) for one in _PARAGRAPHS.split(dated.text.text) if one.strip()]

    def filled(self, text: str) -> str:
        return _NAMED.sub(lambda match: self.value(match[1]), text)

    def value(self, name: str) -> str:
        if name in self.texts.mentions:
            mention = in_force(self.texts.mentions[name].values, self.on)
            if mention is None:
                self.reasons.append(f"La mention « {name} » n'a pas de texte au {wording.day(self.on)}.")
                return ""
            self.note(mention.confirmed, f"la mention « {mention.text.text} »", mention.source.text)
            return self.filled(mention.text.text)
        if name in self.values or name in names(self.kind):
            found = self.values.get(name)
            if name in self.doubtful:
                self.note(False, *self.doubtful[name])
            if found is None:
                self.reasons.append(f"On ne connaît pas {_article(names(self.kind)[name])}.")
            return found or ""
        parameter = self.programme.pack.parameters[name]
        dated = parameter.at(self.on)
        if dated is None or dated.value is None:
            self.reasons.append(f"« {parameter.title} » n'est pas connu au {wording.day(self.on)}.")
            return ""
        if parameter.house_default:
            self.note(False, f"le paramètre « {parameter.title} »", dated.source)
        return wording.words(dated.value, parameter.type, self.programme.zone)

    def note(self, confirmed: bool, what: str, source: str) -> None:
        if not confirmed:
            self.unconfirmed[Unconfirmed(typeset(what), typeset(source))] = None

    def mandatory(self, present: Sequence[str]) -> None:
        """Refuse a letter without what the law makes it say, where it applies, on that date."""
        for role in self.kind.roles:
            if self.applies(role) and role not in present:
                self.reasons.append(f"Le courrier ne porterait pas {ROLES[role].described}.")

    def held(self, block: Block) -> list[Part]:
        """What a role holds after its text: lists and tables."""
        role = block.role
        if role == "pieces":
            return self.listed(self.asked)
        if role == "motifs":
            return self.listed(self.grounds())
        if role == "constats":
            return self.listed([_item(one["texte"], [], [one["source"]]) for one in self.facts["constats"]])
        if role == "decision" and self.kind.verdict == "accepter" and "ecart" in self.facts:
            return [_paragraph("Cette décision se fonde sur ce qui suit :"), *self.listed(self.departures())]
        if role == "montants" and self.decision is not None:
            return self.amounts(self.decision)
        if role == "bases":
            return [self.bases(), *self.cited(one["source"] for one in self.facts["bases"])]
        if role == "observations_recues":
            return self.observations()
        if role in ("suite", "controle", NOTE):
            return [_paragraph(one) for one in _PARAGRAPHS.split(self.facts[role]) if one.strip()]
        return []

    def grounds(self) -> list[Part]:
        """The reasons: of the rules that reject, of the person who departs from them, or those that are given."""
        if self.kind.verdict != "rejeter" or self.decision is None:
            return [_item(one["texte"], [], [one["source"]]) for one in self.facts["constats"]]
        if "ecart" in self.facts:
            return self.departures()
        rejecting = [f for f in sections.blocking(self.decision) if f.consequence is Consequence.REJECT]
        return [_item(one.message, [], list(one.references)) for one in points(rejecting)]

    def listed(self, items: Sequence[Part]) -> list[Part]:
        """A list, with what the names of the texts that it cites stand for."""
        return [{"nature": "liste", "elements": list(items)}, *self.cited(one["source"] for one in items)]

    def cited(self, sources: Iterable[str]) -> list[Part]:
        """What the names of the texts that are cited stand for, the first time."""
        joined, parts = " ".join(sources), []
        for rank, document in enumerate(self.programme.manifest.documents):
            name = document.name.text
            if name not in self.introduced and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", joined):
                self.introduced.add(name)
                # versions are those of the first text
                version = f", version {self.values['version']}" if rank == 0 and self.values["version"] else ""
                read = f" ({document.address}, consulté le {wording.day(document.read_on)})" if document.read_on else ""
                parts.append(_paragraph(f"« {name} » désigne : {document.title}{version}{read}."))
        return parts

    def amounts(self, decision: RequestDecision) -> list[Part]:
        """The steps of the amount, and last the amount itself."""
        _, lines = sections.amounts(decision)
        proposed = decision.proposed
        assert proposed is not None
        rows = [self.row(line) for line in lines if line.name != proposed.name]
        total = self.row(proposed)
        if "montant" in self.facts:
            # what the rules calculate stays before the sum that a person fixes instead
            rows.append(total)
            total = ["Somme fixée par la présente décision", self.facts["motif_montant"], _euros(self.facts["montant"])]
        table = _table(("Élément", "Calcul et source", "Montant"), rows, total)
        paid = sections.settled(decision)
        paragraphs = [_paragraph(paid)] if paid else []
        cited = [line.source for line in lines]
        aside = sections.set_aside(decision)
        if aside is not None:
            paragraphs.append(_paragraph(f"{aside.heading} :"))
            paragraphs.append(
                {"nature": "liste", "elements": [_item(p.message, [], list(p.references)) for p in aside.points]}
            )
            cited += [source for point in aside.points for source in point.references]
        return [table, *paragraphs, *self.cited(cited)]

    def row(self, line: AmountLine) -> list[str]:
        steps = " ; ".join(words for step in line.steps if (words := sentence(step)))
        value = "inconnu" if line.value is None else wording.words(line.value, line.type, self.programme.zone)
        return [line.title, f"{steps} ({line.source})" if steps else f"({line.source})", value]

    def bases(self) -> Part:
        rows = [
            [
                one["libelle"],
                f"{one['calcul']} ({one['source']})" if "calcul" in one else f"({one['source']})",
                _euros(one["montant"]),
            ]
            for one in self.facts["bases"]
        ]
        total = ["Somme à reverser", "", _euros(self.facts["montant"])]
        return _table(("Ce qui est repris", "Calcul et source", "Montant"), rows, total)

    def observations(self) -> list[Part]:
        items = []
        for one in self.facts.get("observations", []):
            answer = [f"Réponse : {one['reponse']}"] if "reponse" in one else []
            items.append(_item(f"Reçues le {wording.day(day(one, 'recues_le'))} : {one['resume']}", answer, []))
        return [{"nature": "liste", "elements": items}] if items else []

    # --- frame ----------------------------------------------------------------------------------------------------

    def address(self, sender: Sender) -> list[str]:
        return [*sender.lines, f"Téléphone : {sender.phone}", f"Courriel : {sender.email}"]

    def recipient(self) -> list[str]:
        given = self.facts.get("destinataire", {})
        number = [f"SIRET {siret(self.applicant.siret)}"] if self.applicant.siret else []
        return [given.get("nom", self.applicant.name), *number, *given.get("adresse", [])]

    def references(self, sender: Sender) -> list[list[str]]:
        agent = self.facts["agent"]
        reach = [agent[name] for name in ("telephone", "courriel") if name in agent]
        rows = [["Programme", self.programme.manifest.title]]
        if self.decision is not None and self.kind.request:
            received = self.values.get("recue_le")
            rows.append(["Demande", self.decision.title + (f", reçue le {received}" if received else "")])
        if TAKEN_UP in self.facts:
            rows.append(["Décision en cause", self.facts[TAKEN_UP]])
        rows.append(["Référence à rappeler", self.reference])
        rows.append(["Affaire suivie par", ", ".join([agent["nom"], agent["qualite"], *reach])])
        return rows

    def request_title(self) -> str:
        return self.decision.title if self.decision is not None and self.kind.request else ""

    def signature(self) -> list[str]:
        signatory = self.facts.get("signataire", self.facts["agent"])
        return [signatory["qualite"], signatory["nom"]]


# --- words ----------------------------------------------------------------------------------------------------------


def _paragraph(text: str) -> Part:
    return {"nature": "paragraphe", "texte": text}


def _start(text: str) -> str:
    """The first words of a text, to say which one."""
    words = text.split()
    return " ".join(words[:6]) + ("…" if len(words) > 6 else "")


def _item(text: str, details: Sequence[str], sources: Sequence[str]) -> Part:
    """An element of a list: its text, what else is written about it, where it comes from."""
    return {"texte": text, "details": list(dict.fromkeys(details)), "source": " ; ".join(dict.fromkeys(sources))}


def _sources(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.source for finding in findings))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str]) -> Part:
    return {
        "nature": "tableau",
        "entetes": list(headings),
        "lignes": [list(row) for row in rows],
        "total": list(total),
        "largeurs": [3, 4, 0],
        "droite": [2],
    }


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _euros(cents: int) -> str:
    return wording.amount(Decimal(cents) / 100)


def _received(value: Any, zone: Any) -> str:
    """The day and hour of reception; to the second when the seconds count."""
    if not isinstance(value, datetime):
        return wording.day(value)
    local = value.astimezone(zone)
    if local.second or local.microsecond:
        return wording.moment(value, zone)
    return f"{wording.day(local.date())} à {wording.hour(value, zone)}"


def _article(what: str) -> str:
    """A value in the middle of a refusal: `la date…`, or its title between quotes."""
    return what if what.startswith(("le ", "la ", "l'", "ce ")) else f"« {what} »"


def _characters(value: Any) -> Iterator[str]:
    """Every character of the texts of the data."""
    if isinstance(value, str):
        yield from value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _characters(one)


def _printed(value: Any, key: str = "") -> Any:
    """The data with every sentence typeset; dates and tokens stay as they are."""
    if isinstance(value, str):
        return value if key in ("date", "nature") else typeset(value)
    if isinstance(value, Mapping):
        return {name: _printed(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printed(one) for one in value]
    return value
