"""Load the YAML files of a pack into a `Pack`, or report every diagnostic found.

Files of a pack: `programme.yaml` (the manifest), `parametres.yaml`, `regles/*.yaml`.  `exigences.yaml`,
`pieges.yaml`, `demandeurs.yaml` and `courriers/*.yaml` are only digested here; `requirements.py`, `applicants.py` and
`letters.py` read them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from recevable import files
from recevable.dossier import schema as dossier_schema
from recevable.dossier.formats import YEARS, Years
from recevable.language.calendar import Duration
from recevable.language.delays import RESTARTS, RUNS_ON, SUSPENDS
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, in_order
from recevable.language.tree import DECIDED, ELEMENT, REQUEST
from recevable.language.types import HOLIDAYS, Kind, Type, lookup, schema_type, walk
from recevable.language.unparse import path_text
from recevable.pack import source as pack_source
from recevable.pack.decided import members_decided
from recevable.pack.delays import CARRIED, DELAYS, CountedDelays
from recevable.pack.hints import did_you_mean, nearest, sure
from recevable.pack.in_force import TEXT, read_in_force, read_text
from recevable.pack.kinds import KINDS
from recevable.pack.kinds.base import Kind as RuleKind
from recevable.pack.labels import labelled
from recevable.pack.loops import loop_faults, nested, outer_list, read_loop, with_field, with_named
from recevable.pack.model import (
    APPLICANT,
    DIRECTIONS,
    MANIFEST,
    RECOVERY,
    ApplicantPlaces,
    DecisionPlaces,
    Document,
    Listed,
    Manifest,
    Pack,
    Parameter,
    Party,
    PaymentPlaces,
    ProofPlaces,
    Request,
    Rule,
    Silence,
    Version,
)
from recevable.pack.nodes import File, Mapping, Node, Scalar, Sequence
from recevable.pack.parameters import CALENDAR, DECISION, RECEPTION, read_duration, read_parameters
from recevable.pack.reader import Reader, is_name, name_help
from recevable.pack.source import AnyPack, PackSource, TooManyFilesError, source_of
from recevable.pack.yaml_strict import cut, read_bytes
from recevable.registers.contract import NAMED_TYPE, REGISTERS, Register

PARAMETERS: Final = "parametres.yaml"
RULES: Final = "regles"
# Files that the trials read and that do not affect a decision.
TRIALS: Final = ("mutants.yaml", "scenarios")
OTHERS: Final = (
    "courriers", "demandeurs.yaml", "exigences.yaml", "import.yaml", "pieges.yaml", "proprietes.yaml", "retraits.yaml",
    "tolerances.yaml", *TRIALS,
)  # fmt: skip
# Keys common to every kind of rule; the others belong to a kind (`kinds`).
RULE_KEYS: Final = (
    "id titre demandes pour_chaque quand source exigences aupres_de note defaut_maison exception_a en_vigueur exemples"
).split()


def load(pack: AnyPack) -> Pack:
    """Read a pack; raises DiagnosticError with every fault, and never returns a partial pack."""
    source = source_of(pack)
    if not source.has(MANIFEST):
        hint = "Donnez le dossier d'un paquet de règles (celui qui contient programme.yaml)."
        raise DiagnosticError(
            [Diagnostic("PAQ-ABSENT", f"`{source.label}` ne contient pas de fichier {MANIFEST}", None, hint)]
        )
    return _Loader(source).load()


def load_leniently(pack: AnyPack) -> Pack | None:
    """The readable part of a pack that may be invalid, for editors; None when the manifest is unreadable."""
    try:
        return _Loader(source_of(pack)).load(lenient=True)
    except DiagnosticError:
        return None


_YEAR: Final = re.compile(r"[1-9][0-9]{3}")
# The address of a page: a host, and nothing that a page or a letter would have to escape.
_ADDRESS: Final = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9/._~%?=&+,:;#@!()*-]*)?")
# With this many rules in common, a file is reported as a copy of the other.
_COPY: Final = 3

# What a request that lacks something gets: an invitation to complete it (the default), or a rejection.
INVITED: Final = "invitation"
STRICT: Final = "stricte"


class _Loader:
    def __init__(self, source: PackSource) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.files: dict[str, File] = {}
        # Each file is read once, so that the digest is of the bytes parsed even if the file changes meanwhile.
        self.contents: dict[str, bytes] = {}
        self.unreadable: set[str] = set()
        self.schema: dict[str, Any] = {}
        self.schema_file: Path | None = None
        self.schema_file_sha256 = ""

    def load(self, *, lenient: bool = False) -> Pack:
        digests = self.digests()
        manifest_node = self.mapping(MANIFEST)
        if manifest_node is None:
            raise DiagnosticError(self.diagnostics)
        manifest, facts = self.manifest(manifest_node)
        wrong = any(d.span and d.span.file == MANIFEST for d in self.diagnostics)
        if manifest is None or facts is None or (wrong and not lenient):
            # rules refer to the requests and the fields: without them every rule would be reported
            raise DiagnosticError(self.diagnostics)
        parameters = self.parameters(manifest)
        if not any(d.span and d.span.file == PARAMETERS for d in self.diagnostics):
            self.read_on(parameters, facts, dict(manifest.requests))
            if manifest.proof is not None:
                self.proof_parameters(manifest.proof, parameters)
            for request in manifest.requests.values():
                if request.silence is not None:
                    self.delay(request.silence.delay, parameters)
            for kind, names in manifest.delays.named.items():
                for name in names:
                    self.delay(name, parameters, DELAYS[kind].types)
            if manifest.delays.holidays is not None:
                self.calendar(manifest.delays.holidays, parameters)
            if manifest.recovery_threshold is not None:
                self.threshold(manifest.recovery_threshold, parameters)
        rules = self.rules(manifest)
        self.diagnostics += loop_faults(facts, rules.values())
        if self.diagnostics and not lenient:
            raise DiagnosticError(in_order(self.diagnostics))
        return Pack(
            manifest,
            rules,
            labelled(parameters, facts),
            with_named(with_decided(facts, manifest, rules.values()), manifest, rules.values()),
            self.schema,
            self.schema_file,
            digests,
            self.files,
            self.schema_file_sha256,
        )

    def digests(self) -> dict[str, str]:
        """Read every YAML file of the pack and return SHA-256 digests by name; an unused file is a fault."""
        try:
            there = self.source.names()
        except TooManyFilesError:
            message = f"le paquet compte plus de {pack_source.MAX_FILES} fichiers"
            help = "Donnez le dossier d'un paquet ; sortez-en ce qui n'est pas une règle."
            raise DiagnosticError([Diagnostic("PAQ-FICHIER", message, Span(MANIFEST, 1, 1), help)]) from None
        for name in there:
            if name.rpartition("/")[2].startswith("~$"):
                message = f"`{name}` est un fichier temporaire d'un traitement de texte"
                help = (
                    "Fermez-y le fichier, puis supprimez celui-ci ; les règles se modifient dans un éditeur de texte."
                )
                self.fault("PAQ-FICHIER", message, Span(name, 1, 1), help)
                self.unreadable.add(name)
                continue
            known = name in (MANIFEST, PARAMETERS) or name.startswith(f"{RULES}/") or name.split("/")[0] in OTHERS
            known = known and not {"", ".", ".."} & set(name.split("/"))
            if (not known or not name.endswith(".yaml")) and not (known and self.source.is_folder(name)):
                self.unread(name)
                continue
            try:
                self.contents[name] = read_bytes(self.source, name)
            except DiagnosticError as error:
                self.unreadable.add(name)
                self.diagnostics.extend(error.diagnostics)
            if sum(map(len, self.contents.values())) > pack_source.MAX_TOTAL:
                message = f"avec `{name}`, le paquet dépasse {pack_source.MAX_TOTAL} octets"
                help = "Donnez le dossier d'un paquet ; sortez-en ce qui n'est pas une règle."
                raise DiagnosticError([Diagnostic("YAML-TAILLE", message, Span(name, 1, 1), help)])
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.contents.items()}

    def unread(self, name: str) -> None:
        """Report a file that nothing reads: its rules would silently not run."""
        folder, _, last = name.rpartition("/")
        stem, _, suffix = last.partition(".")
        # a backup copy (`.bak`, `.old`) is not a misnamed rule file: do not suggest renaming it
        renamable = suffix.lower() in ("yml", "yaml", "yaml.txt", "yml.txt", "txt")
        if folder.split("/")[0] == RULES:
            target = f"{folder}/{stem}.yaml"
        else:
            known = (MANIFEST, PARAMETERS, *(o for o in OTHERS if o.endswith(".yaml")))
            close = [] if folder else nearest(stem, [name.removesuffix(".yaml") for name in known])
            target = f"{close[0]}.yaml" if close else ""
        if target and renamable:
            taken = self.source.has(target) or self.source.is_folder(target)
            help = f"`{target}` existe déjà : réunissez-les" if taken else f"Renommez-le `{target}`"
            help += " ; sinon sortez-le du paquet."
        elif target:
            help = "Sortez-le du paquet."
        else:
            help = f"Les règles vont dans `{RULES}/`, en .yaml ; sinon sortez-le du paquet."
        self.fault("PAQ-FICHIER", f"`{name}` n'est lu par rien", Span(name, 1, 1), help)

    def fault(self, code: str, message: str, span: Span | None, help: str = "", subject: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help, subject=subject))

    def mapping(self, name: str) -> Mapping | None:
        if name in self.unreadable:
            return None
        try:
            content = self.contents[name] if name in self.contents else read_bytes(self.source, name)
            file, node = cut(name, content)
        except DiagnosticError as error:
            self.diagnostics.extend(error.diagnostics)
            return None
        self.files[name] = file
        if not isinstance(node, Mapping):
            help = "Écrivez une clé par ligne, sans indentation : `cle: …`."
            self.fault("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span, help)
            return None
        return node

    # --- manifest ---------------------------------------------------------------------------------------------------

    def manifest(self, node: Mapping) -> tuple[Manifest | None, Type | None]:
        reader = Reader(node, self.diagnostics, f"`{MANIFEST}`")
        programme, title, profile = (
            reader.text("programme"),
            reader.text("titre"),
            reader.scalar("profil", required=False),
        )
        zone_node, schema_node = reader.scalar("fuseau"), reader.scalar("schema")
        parties = self.parties(reader)
        facts = self.facts(schema_node, parties) if schema_node is not None else None
        if facts is not None:
            self.stated(reader)
        versions = self.versions(reader)
        requests, applicant = self.requests(reader, facts), self.applicant(reader, facts)
        payments = self.payments(reader, facts, requests)
        proof = self.proof(reader, facts)
        delays, threshold = self.delays(reader), reader.scalar("seuil_recouvrement", required=False)
        lists = self.lists(reader, facts, requests.values())
        documents, verification, years = self.documents(reader), self.verification(reader), self.years(reader)
        reader.finish()
        zone = None
        if zone_node is not None:
            try:
                zone = ZoneInfo(zone_node.text)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                help = "Écrivez par exemple `Europe/Paris`."
                self.fault("PAQ-FUSEAU", f"fuseau inconnu : `{zone_node.text}`", zone_node.span, help)
        if facts is not None and profile is not None:
            self.field(facts, profile, "un champ dont le schéma énumère les valeurs", lambda type_: bool(type_.values))
        if zone is None or facts is None or schema_node is None:
            return None, None
        each = {request.each: request.root for request in requests.values() if request.each}
        if each and DECIDED in facts.fields:
            message = f"le schéma a un champ `{DECIDED}`, nom de ce qui est décidé sur les éléments d'une liste"
            self.fault("PAQ-NOM", message, schema_node.span, "Donnez un autre nom à ce champ.")
        facts = with_elements(facts, {**each, **{path: one.root for path, one in lists.items()}})
        names = (programme, title, zone, schema_node.text, profile.text if profile is not None else "")
        places = (applicant, payments, delays, threshold, lists)
        return Manifest(*names, versions, requests, parties, proof, documents, verification, years, *places), facts

    def documents(self, reader: Reader) -> tuple[Document, ...]:
        """`documents: [{nom, titre, sections, adresse, consultee_le}]`: the legal texts that sources cite."""
        found: list[Document] = []
        for item in reader.mappings("documents", "un document", required=False):
            name, title, sections = item.scalar("nom"), item.text("titre"), item.words("sections")
            address, read_on = self.address(item)
            item.finish()
            if name is None:
                continue
            if any(name.text == other.name.text for other in found):
                message = f"le document `{name.text}` est déclaré deux fois"
                self.fault("PAQ-DOUBLON", message, name.span, "Gardez-en un seul, avec toutes ses sections.")
            found.append(Document(name, title, sections, address, read_on))
        return tuple(found)

    def address(self, item: Reader) -> tuple[str, date | None]:
        """`adresse` and `consultee_le` of a document, which go together: a page may change once it was read."""
        written = item.has("adresse"), item.has("consultee_le")
        address = item.scalar("adresse", required=written[1])
        read_on = item.day("consultee_le", required=written[0])
        if address is not None and not _ADDRESS.fullmatch(address.text):
            help = "Écrivez-la en entier, sans espace ni accent : `https://www.exemple.fr/page`."
            self.fault("PAQ-ADRESSE", f"`{address.text}` n'est pas l'adresse d'une page", address.span, help)
            return "", read_on
        return address.text if address is not None else "", read_on

    def verification(self, reader: Reader) -> Duration | None:
        """`verification: {parametres: "18 mois"}`: how long the verification of a parameter remains valid."""
        block = reader.mapping("verification", required=False)
        if block is None:
            return None
        written = block.scalar("parametres")
        block.finish()
        if written is None:
            return None
        try:
            return read_duration(written.text)
        except ValueError as error:
            self.fault("PAQ-VALEUR", str(error), written.span, 'Écrivez par exemple `"18 mois"`.')
            return None

    def years(self, reader: Reader) -> Years:
        """`annees: {de: 1900, a: 2100}`: the years accepted in the dates and instants of a dossier."""
        block = reader.mapping("annees", required=False)
        if block is None:
            return YEARS
        first, last = block.scalar("de"), block.scalar("a")
        block.finish()
        for bound in (first, last):
            if bound is not None and not _YEAR.fullmatch(bound.text):
                self.fault(
                    "PAQ-VALEUR", f"`{bound.text}` n'est pas une année", bound.span, "Écrivez par exemple `1900`."
                )
                return YEARS
        if first is None or last is None:
            return YEARS
        if int(first.text) > int(last.text):
            help = "`de` est la première année, `a` la dernière."
            self.fault("PAQ-VALEUR", f"aucune année n'est entre {first.text} et {last.text}", last.span, help)
        return int(first.text), int(last.text)

    def parties(self, reader: Reader) -> dict[str, Party]:
        """`intervenants: {asp: {nom: l'ASP, a: à l'ASP}}`: the parties, besides the applicant, for `aupres_de`."""
        block = reader.mapping("intervenants", required=False)
        found: dict[str, Party] = {}
        for name, key in block.node.keys.items() if block else ():
            body = block.mapping(name, f"l'intervenant `{name}`") if block else None
            if name == APPLICANT or not is_name(name):
                help = name_help(name) if name != APPLICANT else "Choisissez un autre nom."
                self.fault("PAQ-NOM", f"`{name}` ne peut pas nommer un intervenant", key.span, help)
            elif body is not None:
                found[name] = Party(body.text("nom"), body.text("a"))
                body.finish()
        return found

    def applicant(self, reader: Reader, facts: Type | None) -> ApplicantPlaces | None:
        """`demandeur: {nom, siret, identifiants}`: the fields that say who applies."""
        block = reader.mapping("demandeur", required=False)
        if block is None:
            return None
        name, siret = block.scalar("nom"), block.scalar("siret", required=False)
        others = block.words("identifiants", required=False)
        block.finish()
        for path in (name, siret, *others):
            if facts is not None and path is not None:
                self.field(facts, path, "un texte", lambda type_: type_.kind is Kind.TEXT)
        if name is None:
            return None
        return ApplicantPlaces(name.text, siret.text if siret else "", tuple(path.text for path in others))

    def payments(self, reader: Reader, facts: Type | None, requests: dict[str, Request]) -> PaymentPlaces | None:
        """`paiements: {liste, demande, montant, paye_le, beneficiaire, iban…}`: what was paid, and to whom."""
        block = reader.mapping("paiements", required=False)
        if block is None:
            return None
        listed = block.scalar("liste")
        request, amount, paid_on = (block.scalar(key) for key in ("demande", "montant", "paye_le"))
        key, reference = block.scalar("cle", required=False), block.scalar("reference", required=False)
        names, ibans, bics = block.words("beneficiaire"), block.words("iban"), block.words("bic", required=False)
        block.finish()
        if facts is not None:
            for path in (*names, *ibans, *bics):
                self.field(facts, path, "un texte", lambda type_: type_.kind is Kind.TEXT)
            if listed is not None:
                self.field(facts, listed, "une liste de blocs", _is_list_of_blocks)
                item = lookup(facts, listed.text)
                inside = item.item if item is not None and _is_list_of_blocks(item) else None
                texts = ((request, Kind.TEXT), (key, Kind.TEXT), (reference, Kind.TEXT))
                for name, kind in (*texts, (amount, Kind.AMOUNT), (paid_on, Kind.DATE)):
                    if inside is not None and name is not None:
                        self.field(inside, name, f"un champ de type {kind}", _of_kind(kind))
                if inside is not None and request is not None:
                    self._names_requests(inside, request, requests)
        if listed is None or request is None or amount is None or paid_on is None or not names or not ibans:
            return None
        return PaymentPlaces(
            listed.text,
            request.text,
            amount.text,
            paid_on.text,
            tuple(path.text for path in names),
            tuple(path.text for path in ibans),
            tuple(path.text for path in bics),
            key.text if key is not None else "",
            reference.text if reference is not None else "",
        )

    def _names_requests(self, item: Type, place: Scalar, requests: dict[str, Request]) -> None:
        """Check that each request that proposes an amount can be named by a payment."""
        type_ = lookup(item, place.text)
        for name, request in requests.items():
            if type_ is not None and type_.values and request.amount and name not in type_.values:
                help = f"Ajoutez `{name}` aux valeurs de ce champ, dans le schéma des dossiers."
                self.fault("PAQ-CHAMP", f"`{place.text}` ne peut pas nommer la demande `{name}`", place.span, help)

    def decided(self, reader: Reader, facts: Type | None) -> DecisionPlaces | None:
        """`decision: {sens, le, accepter}` of a request: where the dossier says that it was accepted, and when."""
        block = reader.mapping("decision", required=False)
        if block is None:
            return None
        direction, moment, accepted = block.scalar("sens"), block.scalar("le"), block.scalar("accepter")
        block.finish()
        if facts is not None and direction is not None:
            self.field(
                facts, direction, "un champ dont le schéma énumère les valeurs", lambda type_: bool(type_.values)
            )
            type_ = lookup(facts, direction.text)
            if type_ is not None and type_.values and accepted is not None and accepted.text not in type_.values:
                self._not_a_value(accepted, direction, type_.values)
        if facts is not None and moment is not None:
            self.field(facts, moment, "un champ de format `instant`", _is_instant)
        if direction is None or moment is None or accepted is None:
            return None
        return DecisionPlaces(direction.text, moment.text, accepted.text)

    def _not_a_value(self, word: Scalar, path: Scalar, known: Collection[str]) -> None:
        help = did_you_mean(word.text, known) or f"Valeurs : {', '.join(f'`{one}`' for one in known)}."
        self.fault("PAQ-VALEUR", f"`{word.text}` n'est pas une valeur de `{path.text}`", word.span, help, word.text)

    def silence(self, reader: Reader, facts: Type | None) -> Silence | None:
        """`decision_implicite: {sens, delai, complement, reponse: {champ, valeurs}}` of a request."""
        block = reader.mapping("decision_implicite", required=False)
        if block is None:
            return None
        direction, delay = block.choice("sens", DIRECTIONS), block.scalar("delai")
        completion = block.choice("complement", (SUSPENDS, RESTARTS, RUNS_ON))
        answer = block.mapping("reponse", required=False)
        path = answer.scalar("champ") if answer is not None else None
        answers = answer.words("valeurs") if answer is not None else ()
        if answer is not None:
            answer.finish()
        block.finish()
        if facts is not None and path is not None:
            self.field(facts, path, "un champ dont le schéma énumère les valeurs", lambda type_: bool(type_.values))
            type_ = lookup(facts, path.text)
            known = type_.values if type_ is not None else ()
            for word in answers if known else ():
                if word.text not in known:
                    self._not_a_value(word, path, known)
        if not direction or delay is None or not completion:
            return None
        return Silence(
            direction, delay, completion, path.text if path else "", tuple(word.text for word in answers)
        )  # fmt: skip

    def delays(self, reader: Reader) -> CountedDelays:
        """`delais: {recours: delai_recours}`: the parameters of the delays that are counted, by their kind.

        `proroges: [recours]` are those that are carried to a working day, by the calendar `jours_feries: feries`.
        """
        block = reader.mapping("delais", required=False)
        if block is None:
            return CountedDelays()
        found: dict[str, tuple[Scalar, ...]] = {}
        for kind, known in DELAYS.items():
            if known.ends:
                names = block.words(kind, required=False)
            else:
                one = block.scalar(kind, required=False)
                names = () if one is None else (one,)
            if names:
                found[kind] = names
        carried = block.words("proroges", required=False)
        holidays = block.scalar("jours_feries", required=bool(carried))
        for word in carried:
            if word.text not in CARRIED:
                help = did_you_mean(word.text, CARRIED) or f"Délais : {', '.join(f'`{one}`' for one in CARRIED)}."
                self.fault("PAQ-VALEUR", f"`{word.text}` n'est pas un délai qui se proroge", word.span, help)
            elif not block.has(word.text) and block.node.keys.keys() <= {*DELAYS, "proroges", "jours_feries"}:
                help = f"Nommez son paramètre : `{word.text}: …`."
                self.fault("PAQ-VALEUR", f"le délai `{word.text}` n'est pas compté", word.span, help)
        if holidays is not None and not carried:
            help = "Dites quels délais il proroge : `proroges: [recours]`."
            self.fault("PAQ-CHAMP", f"le calendrier `{holidays.text}` ne sert à aucun délai", holidays.span, help)
        block.finish()
        return CountedDelays(found, holidays, tuple(word.text for word in carried))

    def calendar(self, name: Scalar, parameters: dict[str, Parameter]) -> None:
        """Check that a parameter is a calendar of public holidays."""
        fitting = [known for known, parameter in parameters.items() if parameter.type.format == HOLIDAYS]
        if name.text not in fitting:
            help = did_you_mean(name.text, fitting) or f"Donnez un paramètre de type `{CALENDAR}`."
            self.fault("PAQ-CHAMP", f"`{name.text}` n'est pas un calendrier de jours fériés", name.span, help)

    def threshold(self, name: Scalar, parameters: dict[str, Parameter]) -> None:
        """Check that a threshold is a parameter of amounts."""
        self.of_type(name, parameters, Kind.AMOUNT)

    def of_type(self, name: Scalar, parameters: dict[str, Parameter], *types: Kind) -> bool:
        """Whether a name is that of a parameter of one of some types; a fault when it is not."""
        fitting = [known for known, parameter in parameters.items() if parameter.type.kind in types]
        if name.text in fitting:
            return True
        kinds = " ou ".join(types)
        help = did_you_mean(name.text, fitting) or f"Donnez un paramètre de type `{kinds}`."
        self.fault("PAQ-CHAMP", f"`{name.text}` n'est pas un paramètre de type {kinds}", name.span, help)
        return False

    def delay(self, name: Scalar, parameters: dict[str, Parameter], types: tuple[Kind, ...] = (Kind.DURATION,)) -> None:
        """Check that a delay is a parameter of one of some types, and that durations are of whole months and days."""
        if not self.of_type(name, parameters, *types):
            return
        if any(
            isinstance(v.value, Duration) and (v.value.seconds or v.value.microseconds)
            for v in parameters[name.text].values
        ):
            help = "Donnez-le en mois ou en jours."
            self.fault("PAQ-CHAMP", f"`{name.text}` ne se compte pas en jours entiers", name.span, help)
        elif parameters[name.text].read_on:
            help = f"Donnez-lui `reference: {RECEPTION}` ou `reference: {DECISION}`."
            self.fault("PAQ-CHAMP", f"`{name.text}` se lit à la date d'un champ", name.span, help)

    def proof_parameters(self, proof: ProofPlaces, parameters: dict[str, Parameter]) -> None:
        """Check that the values used to verify proofs are parameters of the right types."""
        settings = ((name, Kind(proof.register.settings[key])) for key, name in proof.settings.items())
        for name, kind in ((proof.closing, Kind.DATE), *settings):
            self.of_type(name, parameters, kind)

    def proof(self, reader: Reader, facts: Type | None) -> ProofPlaces | None:
        """`preuve: {registre, chiffres, types, identifiant, cloture, reglages}`: how an attached proof is compared."""
        block = reader.mapping("preuve", required=False)
        if block is None:
            return None
        name = block.choice("registre", tuple(REGISTERS))
        figures, identifier, closing = (block.scalar(key) for key in ("chiffres", "identifiant", "cloture"))
        register = REGISTERS.get(name)
        types = self.counted_types(block.mapping("types", required=False), register, figures, facts)
        settings = block.mapping("reglages", required=register is None or bool(register.settings))
        found = {}
        if settings is not None and register is not None:
            found = {key: settings.scalar(key) for key in register.settings}
            settings.finish()
        block.finish()
        if facts is not None and figures is not None and identifier is not None:
            self.field(facts, figures, "un objet", lambda type_: type_.kind is Kind.OBJECT)
            self.field(facts, identifier, "un texte", lambda type_: type_.kind is Kind.TEXT)
        given = {key: scalar for key, scalar in found.items() if scalar is not None}
        if register is None or figures is None or identifier is None or closing is None:
            return None
        if len(given) < len(register.settings):
            return None
        return ProofPlaces(register, figures.text, identifier.text, closing, given, types)

    def counted_types(
        self, block: Reader | None, register: Register | None, figures: Scalar | None, facts: Type | None
    ) -> dict[str, str]:
        """`types: {CAB: cabinets}`: the types counted besides those of the register, each with its figure."""
        found: dict[str, str] = {}
        for code, key in block.node.keys.items() if block is not None else ():
            assert block is not None
            figure = block.scalar(code)
            if figure is None:
                continue
            if NAMED_TYPE.fullmatch(f"{code}={figure.text}") is None:
                help = "Écrivez par exemple `CAB: cabinets` : un code de quatre lettres ou chiffres au plus, un mot."
                self.fault("PAQ-NOM", f"`{code}: {figure.text}` ne désigne pas un type", key.span, help)
            elif register is not None and (code in register.types or figure.text in register.figures):
                message = f"`{code}: {figure.text}` est déjà compté par le registre `{register.name}`"
                self.fault("PAQ-DOUBLON", message, key.span, "Ôtez cette ligne, ou donnez un autre nom.")
            elif figure.text in found.values():
                help = "Donnez un chiffre à chaque type."
                self.fault("PAQ-DOUBLON", f"`{figure.text}` compte déjà un autre type", figure.span, help)
            else:
                if facts is not None and figures is not None:
                    path = f"{figures.text}.{figure.text}"
                    self.field(facts, figure, "un nombre entier", _of_kind(Kind.INTEGER), path)
                found[code] = figure.text
        if block is not None:
            block.finish()
        return found

    def field(self, facts: Type, path: Scalar, what: str, fits: Callable[[Type], bool], meant: str = "") -> None:
        """Check that a path of the manifest is a field of the dossier, of a suitable type; `meant`: the whole path."""
        type_ = lookup(facts, meant or path.text)
        if type_ is not None and fits(type_):
            return
        reason = "n'est pas un champ du schéma" if type_ is None else f"n'est pas {what}"
        help = did_you_mean(path.text, [path_text(p) for p, t in walk(facts) if fits(t)]) or f"Donnez {what}."
        self.fault("PAQ-CHAMP", f"`{path.text}` {reason}", path.span, help)

    def facts(self, node: Scalar, parties: Collection[str]) -> Type | None:
        try:
            self.schema = self.read_schema(node.text, parties)
            return schema_type(self.schema)
        except FileNotFoundError:
            help = "Donnez le chemin d'un schéma sous `schemas/`, ou d'un fichier du paquet."
            self.fault("PAQ-SCHEMA", f"le schéma `{node.text}` n'existe pas", node.span, help)
        except DiagnosticError as error:
            self.diagnostics += error.diagnostics
        except OSError as error:
            self.fault(
                "PAQ-SCHEMA", f"le schéma `{node.text}` {files.reason(error)}", node.span, "Vérifiez son chemin."
            )
        except ValueError:
            self.fault("PAQ-SCHEMA", f"le schéma `{node.text}` ne peut pas être lu", node.span, "Vérifiez son chemin.")
        return None

    def stated(self, reader: Reader) -> None:
        """Check that the schema allows a dossier to state this programme."""
        name = reader.node.entries.get("programme")
        stated = self.schema.get("properties", {}).get("programme", {})
        allowed = [stated["const"]] if "const" in stated else stated.get("enum")
        if isinstance(name, Scalar) and allowed is not None and name.text not in allowed:
            listed = " ou ".join(f"`{one}`" for one in allowed)
            message = f"le schéma des dossiers n'admet pas le programme `{name.text}`, mais {listed}"
            self.fault("PAQ-SCHEMA", message, name.span, "Écrivez le même nom ici et dans le schéma.")

    def read_schema(self, name: str, parties: Collection[str]) -> dict[str, Any]:
        """The dossier schema, as parsed JSON."""
        found = self.source.schema(name)
        self.schema_file, self.schema_file_sha256 = found.path, hashlib.sha256(found.content).hexdigest()
        return dossier_schema.read(found.content, found.name, (APPLICANT, *parties))

    def versions(self, reader: Reader) -> tuple[Version, ...]:
        found: list[Version] = []
        for item in reader.mappings("versions", "une version"):
            version, source, start = item.text("version"), item.text("source"), item.day("a_partir_du")
            item.finish()
            if start is None:
                continue
            if found and start <= found[-1].start:
                help = "Rangez-les de la plus ancienne à la plus récente, sans répéter de date."
                self.fault("PAQ-DATES", "les versions ne sont pas dans l'ordre des dates", item.node.span, help)
            found.append(Version(version, start, source))
        return tuple(found)

    def requests(self, reader: Reader, facts: Type | None) -> dict[str, Request]:
        block = reader.mapping("demandes")
        found: dict[str, Request] = {}
        for name, word in block.node.keys.items() if block else ():
            body = block.mapping(name, f"la demande `{name}`") if block else None
            if body is None:
                continue
            if not is_name(name) or name == RECOVERY:
                reason = "est le nom du recouvrement" if name == RECOVERY else "ne peut pas nommer une demande"
                help = "Choisissez un autre nom." if name == RECOVERY else name_help(name)
                self.fault("PAQ-NOM", f"`{name}` {reason}", word.span, help)
            title, each = body.text("titre"), self.each(body, facts)
            root = each.place if each is not None else body.scalar("racine", required=not body.has("pour_chaque"))
            reception = body.scalar("reception")
            amount = body.scalar("montant_propose", required=False)
            maximum = body.scalar("montant_maximal", required=False)
            settled = body.scalar("deja_regle", required=False)
            silence, decided = self.silence(body, facts), self.decided(body, facts)
            other = next((one for one in found.values() if each is not None and one.each == each.place.text), None)
            if each is not None and other is not None and other.key != each.key.text:
                message = f"`{each.key.text}` n'est pas la clé que la demande `{other.name}` donne à la même liste"
                self.fault("PAQ-DEMANDE", message, each.key.span, f"Écrivez `cle: {other.key}`.")
            if each is not None and silence is not None:
                message = f"`{name}` est une demande par élément d'une liste, et n'a pas de `decision_implicite`"
                help = "Le délai du silence court de la réception du dossier : déclarez-le dans une demande à `racine`."
                self.fault("PAQ-DEMANDE", message, body.node.keys["decision_implicite"].span, help)
            text = read_text(body)
            strict = body.choice("completude", (INVITED, STRICT), required=False) == STRICT
            body.finish()
            if facts is not None and root is not None and each is None:
                self.field(facts, root, "un bloc du dossier", _is_block)
                if "." in root.text:
                    help = f"Donnez `{root.text.split('.')[0]}`, ou un autre bloc du premier niveau."
                    self.fault("PAQ-CHAMP", f"`{root.text}` n'est pas au premier niveau du dossier", root.span, help)
            received = reception.text if reception is not None else ""
            if each is not None and received.startswith(f"{REQUEST}."):
                received = each.root + received.removeprefix(REQUEST)
            if facts is not None and reception is not None:
                known = facts if each is None else each.facts(facts)
                self.field(known, reception, "un champ de format `instant` ou `date`", _is_day, received)
            if root is not None and reception is not None:
                proposed, place = (amount.text, amount.span) if amount is not None else ("", None)
                found[name] = Request(
                    name, title, each.root if each else root.text, received, proposed, place, maximum, settled, silence,
                    strict, decided, each.place.text if each else "", each.key.text if each else "",
                    each.label if each else None, text,
                )  # fmt: skip
        if block is not None and not block.node.keys:
            self.fault("PAQ-VIDE", "le programme n'a aucune demande", block.node.span, "Déclarez-en au moins une.")
        return found

    def each(self, body: Reader, facts: Type | None) -> _Each | None:
        """`pour_chaque: embauches`, `cle: rang`, `intitule: …`: a request for each element of a list."""
        place = body.scalar("pour_chaque", required=False)
        if place is None:
            for alone in ("cle", "intitule"):
                if body.has(alone):
                    help = "Ajoutez `pour_chaque`, ou ôtez cette clé."
                    self.fault("PAQ-CLE-INCONNUE", f"`{alone}` va avec `pour_chaque`", body.node.keys[alone].span, help)
            return None
        key, label = body.scalar("cle"), body.scalar("intitule", required=False)
        if body.has("racine"):
            message = "une demande a une `racine`, ou porte sur chaque élément d'une liste (`pour_chaque`)"
            self.fault("PAQ-CLE-INCONNUE", message, body.node.keys["racine"].span, "Ôtez l'une des deux.")
        if facts is None or key is None:
            return None
        if "." in place.text:
            help = f"Donnez `{place.text.split('.')[0]}`, ou une autre liste du premier niveau."
            self.fault("PAQ-CHAMP", f"`{place.text}` n'est pas au premier niveau du dossier", place.span, help)
            return None
        self.field(facts, place, "une liste d'objets du dossier", _is_list_of_blocks)
        list_ = lookup(facts, place.text)
        if list_ is None or not _is_list_of_blocks(list_):
            return None
        assert list_.item is not None
        self.field(list_.item, key, "un texte ou un entier de chaque élément", _is_key)
        if "." in key.text:
            help = f"Donnez un champ que chaque élément de `{place.text}` a lui-même."
            self.fault("PAQ-CHAMP", f"`{key.text}` n'est pas au premier niveau de l'élément", key.span, help)
        return _Each(place, key, label, list_.item)

    def lists(self, reader: Reader, facts: Type | None, requests: Collection[Request]) -> dict[str, Listed]:
        """`listes: {factures: {titre, cle}}`: the lists whose elements rules examine one by one."""
        block = reader.mapping("listes", required=False)
        found: dict[str, Listed] = {}
        for name, word in block.node.keys.items() if block else ():
            body = block.mapping(name, f"la liste `{name}`") if block else None
            if body is None:
                continue
            title, key = body.text("titre"), body.scalar("cle")
            body.finish()
            if facts is None or key is None:
                continue
            parts = name.replace(ELEMENT, "").split(".")
            above = [".".join(parts[:rank]) for rank in range(1, len(parts))]
            outer = outer_list(name, [one for one in above if (type_ := lookup(facts, one)) and type_.item is not None])
            if outer:
                each = any(one.each == outer for one in requests)
                message, help = nested(name, outer, "p", "demande" if each else "e")
                self.fault("PAQ-CHAMP", message, word.span, help)
                continue
            self.field(facts, word, "une liste d'objets du dossier", _is_list_of_blocks)
            list_ = lookup(facts, name)
            if list_ is None or list_.item is None or not _is_list_of_blocks(list_):
                continue
            self.field(list_.item, key, "un texte ou un entier de chaque élément", _is_key)
            own = next((one for one in requests if one.each == name), None)
            if own is not None:
                message = f"chaque élément de `{name}` fait déjà l'objet d'une demande, `{own.name}`"
                self.fault("PAQ-DEMANDE", message, word.span, "Écrivez ses règles pour cette demande, avec `demande.`.")
            found[name] = Listed(name, title, key.text)
        return found

    # --- parameters and rules ---------------------------------------------------------------------------------------

    def parameters(self, manifest: Manifest) -> dict[str, Parameter]:
        root = self.mapping(PARAMETERS)
        if root is None:
            return {}
        reader = Reader(root, self.diagnostics, PARAMETERS)
        block = reader.mapping("parametres", "`parametres`")
        reader.finish()
        return read_parameters(block.node, manifest.zone, self.diagnostics) if block is not None else {}

    def read_on(self, parameters: dict[str, Parameter], facts: Type, requests: dict[str, Request]) -> None:
        """Check that a parameter read on the day of a field names a date or an instant of the dossier."""
        for parameter in parameters.values():
            word = parameter.node.entries.get("reference") if parameter.node is not None else None
            if parameter.read_on in ("", TEXT) or not isinstance(word, Scalar):
                continue
            head, _, rest = word.text.partition(".")
            roots = [one.root for one in requests.values()] if head == REQUEST else []
            found = [lookup(facts, f"{root}.{rest}") for root in roots] or [lookup(facts, word.text)]
            type_ = next((one for one in found if one is not None), None)
            if type_ is None or type_.kind not in (Kind.DATE, Kind.INSTANT):
                dated = [path for path, t in walk(facts) if t.kind in (Kind.DATE, Kind.INSTANT)]
                help = did_you_mean(word.text, (RECEPTION, DECISION, TEXT, *dated)) or (
                    f"Écrivez `{RECEPTION}`, `{DECISION}`, `{TEXT}`, ou une date du dossier."
                )
                fix = sure(word.text, (RECEPTION, DECISION, TEXT))
                message = f"`{word.text}` ne dit pas à quelle date lire `{parameter.name}`"
                self.fault("PAQ-VALEUR", message, word.span, help, fix)

    def rules(self, manifest: Manifest) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        repeated: dict[tuple[str, str], list[tuple[Rule, Rule]]] = {}
        names = [name for name in self.contents if name.startswith(f"{RULES}/")]
        if not names and not any(name.split("/")[0] == RULES for name in self.unreadable):
            help = f"Écrivez-les dans des fichiers `{RULES}/….yaml`."
            self.fault("PAQ-VIDE", f"le paquet n'a aucune règle dans `{RULES}/`", Span(RULES, 1, 1), help)
        for name in names:
            root = self.mapping(name)
            if root is None:
                continue
            reader = Reader(root, self.diagnostics, f"`{name}`")
            for item in self.whole(list(reader.mappings("regles", "une règle"))):
                rule = self.rule(item, manifest)
                if rule is None:
                    continue
                if rule.id in found:
                    first = found[rule.id]
                    repeated.setdefault((first.span.file, name), []).append((first, rule))
                    continue
                found[rule.id] = rule
            reader.finish()
            node = root.entries.get("regles")
            if isinstance(node, Sequence) and not node.items:
                help = "Écrivez au moins une règle, ou supprimez le fichier."
                self.fault("PAQ-VIDE", f"`{name}` n'a aucune règle", node.span, help)
        for (one, other), pairs in repeated.items():
            self.repeated(one, other, pairs)
        return found

    def whole(self, items: list[Reader]) -> list[Reader]:
        """The rules that no stray dash cuts in two; each of the others is reported once."""
        kept: list[Reader] = []
        for item in items:
            first = next(iter(item.node.keys.values()), None)
            before = kept[-1].node.keys if kept else {}
            if first is None or "id" in item.node.keys or "id" not in before or before.keys() & item.node.keys.keys():
                kept.append(item)
                continue
            whole = kept.pop().node.entries["id"]
            name = f" `{whole.text}`" if isinstance(whole, Scalar) else ""
            message = f"ce tiret coupe en deux la règle{name}"
            help = f"Remplacez-le par une espace : `{first.text}` s'aligne sur `id` (ligne {before['id'].line})."
            self.fault(
                "PAQ-INDENTATION", message, Span(first.span.file, first.line, max(first.span.column - 2, 1)), help
            )
        return kept

    def repeated(self, one: str, other: str, pairs: list[tuple[Rule, Rule]]) -> None:
        """Report rules of two files with the same ids: one fault per rule, or one for a copied file."""
        if one != other and len(pairs) >= _COPY:
            copy = max(one, other, key=len)
            message = f"{len(pairs)} règles de `{copy}` ont les identifiants de règles de `{min(one, other, key=len)}`"
            help = "Si c'est une copie, sortez-la du paquet ; sinon donnez à chaque règle un autre identifiant."
            self.fault("PAQ-DOUBLON", message, Span(copy, 1, 1), help)
            return
        for first, rule in pairs:
            message = f"l'identifiant `{rule.id}` est déjà celui d'une règle ({first.span})"
            self.fault("PAQ-DOUBLON", message, rule.span, "Donnez-lui un autre identifiant.")

    def rule(self, reader: Reader, manifest: Manifest) -> Rule | None:
        identifier = reader.identifier("id")
        reader.what = f"la règle `{identifier.text}`" if identifier else "une règle"
        kind = self.kind(reader)
        if kind is None:
            return None
        requests = self.requests_of(reader, kind, manifest)
        title, source = reader.text("titre"), reader.text("source")
        requirements = reader.words("exigences", required=False)
        parties = (APPLICANT, *manifest.parties)
        party = reader.choice("aupres_de", parties, required=False) or APPLICANT
        note, house_default = reader.text("note", required=False), self.house_default(reader)
        when, exception_to = reader.scalar("quand", required=False), reader.scalar("exception_a", required=False)
        in_force, loop = read_in_force(reader), read_loop(reader, manifest, requests)
        examples: tuple[Node, ...] = reader.sequence("exemples", required=False)
        expressions, content = kind.read_expressions(reader), kind.read(reader)
        for word in (cause.party for cause in content.causes if cause.party is not None):
            if word.text not in parties:
                allowed = ", ".join(f"`{party}`" for party in parties)
                help = did_you_mean(word.text, parties) or f"Valeurs possibles : {allowed}."
                self.fault(
                    "PAQ-VALEUR", f"`{word.text}` n'est pas une valeur de `aupres_de`", word.span, help, word.text
                )
        for key, help in kind.refused.items():
            if key in reader.node.keys:
                # it would have no effect
                message = f"{kind.noun} n'a pas de `{key}`"
                self.fault(kind.refusal, message, reader.node.keys[key].span, help)
        reader.finish()
        if identifier is None:
            return None
        return Rule(
            identifier.text, kind.key, title, expressions, requests, source, requirements, content.causes,
            identifier.span, when, party, note, exception_to, examples, reader.node, house_default,
            content.defined, content.question, content.claim, in_force, content.optional, loop,
        )  # fmt: skip

    def house_default(self, reader: Reader) -> str:
        """The reason for a house default: a text in a rule, where a parameter has `true`."""
        node = reader.scalar("defaut_maison", required=False)
        if node is not None and not node.quoted and node.text in ("true", "false"):
            help = "Écrivez la raison du choix, là où le texte se tait, ou ôtez la clé."
            self.fault("PAQ-TEXTE", "`defaut_maison` d'une règle attend une raison", node.span, help)
        return node.text if node is not None else ""

    def kind(self, reader: Reader) -> RuleKind | None:
        """The kind of the rule: the one key of `KINDS` that it has."""
        keys = [kind for kind in reader.node.keys if kind in KINDS]
        # the key of a kind may also be a secondary key of another kind: `montant` in an `indu`
        present = [kind for kind in keys if not any(kind in KINDS[other].keys for other in keys)]
        # a key specific to some kind is never treated as a misspelling
        proper = frozenset[str]().union(RULE_KEYS, *(kind.keys for kind in KINDS.values()))
        odd = [key for key in reader.node.keys if key not in proper and key not in KINDS]
        # all the keys tell the kind: when most are those of a kind whose own key is not there, it is misspelt
        likely = max(KINDS.values(), key=lambda kind: len({kind.key, *kind.keys}.intersection(reader.node.keys)))
        if likely.key not in reader.node.keys:
            for key in odd:
                if nearest(key, (likely.key,)):
                    self.misspelt(reader, key, likely.key)
                    return None
        if len(present) == 1:
            return KINDS[present[0]]
        if present:
            help = "Gardez-en une seule, ou écrivez deux règles."
            message = f"{reader.what} a plusieurs natures : {', '.join(f'`{kind}`' for kind in present)}"
            self.fault("PAQ-NATURE", message, reader.node.keys[present[1]].span, help)
            return None
        for key in odd:
            close = nearest(key, KINDS)
            if close:
                self.misspelt(reader, key, *close)
                return None
        kinds = ", ".join(f"`{kind}`" for kind in KINDS)
        help = f"Il faut exactement une de ces clés : {kinds}."
        self.fault("PAQ-NATURE", f"{reader.what} n'a pas de nature", reader.node.span, help)
        return None

    def misspelt(self, reader: Reader, key: str, *close: str) -> None:
        """Report the misspelt key that names the kind of a rule."""
        message = f"la clé `{key}` est inconnue dans {reader.what}"
        self.fault("PAQ-CLE-INCONNUE", message, reader.node.keys[key].span, did_you_mean(key, close))

    def requests_of(self, reader: Reader, kind: RuleKind, manifest: Manifest) -> tuple[str, ...]:
        """The requests that the rule applies to."""
        known = (*manifest.requests, RECOVERY)
        words = reader.words("demandes", required="demandes" not in kind.refused)
        for rank, word in enumerate(words):
            if word.text not in known:
                help = did_you_mean(word.text, known) or f"Demandes : {', '.join(f'`{name}`' for name in known)}."
                self.fault("PAQ-DEMANDE", f"demande inconnue : `{word.text}`", word.span, help, word.text)
            elif any(word.text == before.text for before in words[:rank]):
                message = f"la demande `{word.text}` figure deux fois"
                self.fault("PAQ-DEMANDE", message, word.span, "Gardez-la une seule fois.")
        node = reader.node.entries.get("demandes")
        if isinstance(node, Sequence) and not node.items:
            help = f"Écrivez par exemple `demandes: [{known[0]}]`."
            self.fault("PAQ-DEMANDE", f"{reader.what} ne s'applique à aucune demande", node.span, help)
        return tuple(word.text for word in words if word.text in known)


class _Each(Struct, frozen=True):
    """A request for each element: the list, the member that tells elements apart, the title, the type of an element."""

    place: Scalar
    key: Scalar
    label: Scalar | None
    item: Type

    @property
    def root(self) -> str:
        """The path of the element."""
        return self.place.text + ELEMENT

    def facts(self, facts: Type) -> Type:
        """The facts with the element among them."""
        return with_elements(facts, {self.place.text: self.root})


def with_elements(facts: Type, each: dict[str, str]) -> Type:
    """The facts, and under the path of each element (`embauches[]`) the element that a request is made for."""
    for list_, root in each.items():
        found = lookup(facts, list_)
        assert found is not None
        assert found.item is not None
        facts = with_field(facts, root, found.item)
    return facts


def with_decided(facts: Type, manifest: Manifest, rules: Iterable[Rule]) -> Type:
    """The facts, and under `demandes` what is decided on the requests made for the elements of a list."""
    found: dict[str, Type] = {}
    for request in manifest.requests.values():
        if request.each:
            item = Type(Kind.OBJECT, fields=members_decided(request, rules), title=request.title)
            found[request.name] = Type(Kind.LIST, item=item, title=request.title)
    if not found:
        return facts
    decided = Type(Kind.OBJECT, fields=found, title="Demandes")
    return Type(facts.kind, fields={**facts.fields, DECIDED: decided}, title=facts.title)


def _is_block(type_: Type) -> bool:
    return type_.kind is Kind.OBJECT


def _is_key(type_: Type) -> bool:
    return type_.kind in (Kind.TEXT, Kind.INTEGER)


def _is_day(type_: Type) -> bool:
    return type_.kind in (Kind.INSTANT, Kind.DATE)


def _is_instant(type_: Type) -> bool:
    return type_.kind is Kind.INSTANT


def _is_list_of_blocks(type_: Type) -> bool:
    return type_.kind is Kind.LIST and type_.item is not None and type_.item.kind is Kind.OBJECT


def _of_kind(kind: Kind) -> Callable[[Type], bool]:
    return lambda type_: type_.kind is kind
