"""Invent an extraction and its list of domains, of realistic form and size, for tests and benchmarks.

Nothing in it is real: domains end in `.example`, SIRETs start with 0, FINESS numbers with the department 99. The same
seed gives the same bytes, but for the signature of the list: its key is new each time and not kept, its certificate
is written next to it.

The proportions are those measured on the national files: 5 000 domains whose sizes are log-normal (median 4 mailboxes,
a mean of a hundred), one operator in eight known by a SIRET, 8 % of the domains under several operators, one domain in
seven with two certificates, 169 addresses on several lines out of 540 000.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from recevable.registers.annuaire import counting
from recevable.registers.annuaire.errors import EvidenceError, file_reason
from recevable.registers.annuaire.extraction import HEADER, PARIS
from recevable.registers.annuaire.whitelist import NAMESPACE

LINES = 540_000
GENERATED = datetime(2025, 1, 1, 3, 0, tzinfo=PARIS)
WHITE_LIST = "listeblanchemssante.xml"
CERTIFICATE = "signataire.pem"
CONTENTS = "contenu.json"

_DOMAINS = 5_000
_OPERATORS = 340
_REPEATED = 169 / LINES
_CONTESTED = 0.08
_TWO_CERTIFICATES = 0.15
_MEDIAN_DOMAIN, _SPREAD = 4.0, 2.56  # of the log-normal law of domain sizes
_FIRST_NAMES = ("CAMILLE", "DOMINIQUE", "CLAUDE", "MAXENCE", "ANDREA", "SACHA", "CHARLIE", "LOU")
_LAST_NAMES = (
    "EXEMPLE",
    "MODELE",
    "ESSAI",
    "SPECIMEN",
    "FICTIF",
    "GABARIT",
    "MAQUETTE",
    "EBAUCHE",
    "PROTOTYPE",
)
_SERVICES = ("CARDIOLOGIE", "RADIOLOGIE", "LABORATOIRE", "URGENCES", "PHARMACIE")
_ACTIVITIES = ("cabinet", "ch", "clinique", "labo", "pharmacie", "ssiad")


@dataclass(frozen=True, slots=True)
class Sample:
    """Where an invented pair of files is, and what was put in it, for a count to be checked against."""

    extraction: Path
    white_list: Path
    certificate: Path
    contents: dict[str, object]


@dataclass(slots=True)
class _Domain:
    name: str
    operators: list[int]
    boxes: int = 0
    emitted: int = field(default=0)


def write_sample(
    folder: Path,
    *,
    lines: int = LINES,
    seed: int = 0,
    domains: int | None = None,
    operators: int | None = None,
    applications: bool = False,
    archive: bool = False,
    anomalies: int = 0,
    generated: datetime = GENERATED,
) -> Sample:
    """Write an extraction of `lines` lines, its signed list of domains, the certificate and a summary into `folder`.

    `domains` and `operators` follow from `lines` unless given. `anomalies` operators of middling size get four times
    their mailboxes. Two samples with the same seed, domains and operators differ by a few per cent for each operator,
    as two months do. Raises EvidenceError when the folder cannot be written.
    """
    domain_count = domains or min(_DOMAINS, max(20, lines // 100))
    operator_count = operators or min(_OPERATORS, max(5, domain_count // 14))
    world = _World(seed, lines, domain_count, operator_count, anomalies, applications)
    stem = f"Extraction_Correspondance_MSSante_{generated:%Y%m%d%H%M}"
    sample = Sample(
        extraction=folder / f"{stem}.{'zip' if archive else 'txt'}",
        white_list=folder / WHITE_LIST,
        certificate=folder / CERTIFICATE,
        contents=world.contents,
    )
    document, certificate = _sign(world.white_list(generated), generated)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if archive:
            information = zipfile.ZipInfo(f"{stem}.txt", generated.timetuple()[:6])
            information.compress_type = zipfile.ZIP_DEFLATED
            with (
                zipfile.ZipFile(sample.extraction, "w") as container,
                container.open(information, "w") as member,
            ):
                for chunk in world.extraction():
                    member.write(chunk)
        else:
            with sample.extraction.open("wb") as file:
                for chunk in world.extraction():
                    file.write(chunk)
        sample.white_list.write_bytes(document)
        sample.certificate.write_bytes(certificate)
        text = json.dumps(world.contents, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / CONTENTS).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise EvidenceError(str(folder), file_reason(error), "Choisir un dossier où écrire") from error
    return sample


class _World:
    """Invented operators, domains and mailboxes."""

    def __init__(
        self,
        seed: int,
        lines: int,
        domain_count: int,
        operator_count: int,
        anomalies: int,
        applications: bool,
    ) -> None:
        self._seed = seed
        self._applications = applications
        structure = Random(f"structure {seed}")
        self._operators = [_operator_identifier(rank, structure) for rank in range(operator_count)]
        self._domains = [
            _Domain(f"{structure.choice(_ACTIVITIES)}-{rank:04d}.mssante.example", [owner])
            for rank, owner in enumerate(_owners(domain_count, operator_count, structure))
        ]
        contested = structure.sample(range(domain_count), round(domain_count * _CONTESTED))
        if operator_count > 1:
            for rank in contested:
                others = [one for one in range(operator_count) if one not in self._domains[rank].operators]
                self._domains[rank].operators += structure.sample(others, min(len(others), structure.choice((1, 1, 2))))
        self._two_certificates = set(structure.sample(range(domain_count), round(domain_count * _TWO_CERTIFICATES)))
        sizes = [structure.lognormvariate(math.log(_MEDIAN_DOMAIN), _SPREAD) for _ in range(domain_count)]
        self._unlisted = [f"hors-liste-{rank}.example" for rank in range(max(1, domain_count // 500))]

        # What follows differs from one extraction to the next.
        self._chance = Random(f"extraction {seed} {lines}")
        pace = [self._chance.lognormvariate(0, 0.03) for _ in range(operator_count)]
        by_size: Counter[int] = Counter()
        for domain, size in zip(self._domains, sizes, strict=True):
            by_size[domain.operators[0]] += round(size)
        middling = [one for one, _ in by_size.most_common()][len(by_size) // 5 :]
        inflated = middling[:anomalies]
        for one in inflated:
            pace[one] *= 4
        weights = [size * pace[domain.operators[0]] for domain, size in zip(self._domains, sizes, strict=True)]

        causes = dict.fromkeys(counting.REJECTION_CAUSES, max(1, lines // 90_000))
        several = max(1, round(lines * _REPEATED))
        unlisted = max(1, lines // 20_000)
        boxes = lines - sum(causes.values()) - several - unlisted
        if boxes < domain_count:
            raise EvidenceError("--lines", f"{lines} lignes ne suffisent pas", "En demander au moins 200")
        for domain, share in zip(self._domains, _shares(boxes, weights), strict=True):
            domain.boxes = share
        self._plan = [rank for rank, domain in enumerate(self._domains) for _ in range(domain.boxes)]
        self._special: list[bytes] = [_malformed(cause, rank) for cause, n in causes.items() for rank in range(n)]
        self._special += [
            _line(b"PER", f"sans.liste{rank}@{self._unlisted[rank % len(self._unlisted)]}", rank)
            for rank in range(unlisted)
        ]
        conflicting = max(1, several // 20)
        for rank, (domain, box) in enumerate(self._repeated(several)):
            kind, address = self._box(domain, box)
            if rank < conflicting:
                kind = b"ORG" if kind == b"PER" else b"PER"
            self._special.append(_line(kind, address.upper() if rank % 3 == 0 else address, rank))
        self._plan += range(-1, -1 - len(self._special), -1)
        self._chance.shuffle(self._plan)
        self.contents: dict[str, object] = {
            "lignes": lines,
            "domaines_de_la_liste": domain_count,
            "operateurs": operator_count,
            "operateurs_gonfles": sorted(self._operators[one] for one in inflated),
            "domaines_sous_plusieurs_operateurs": sum(len(domain.operators) > 1 for domain in self._domains),
            "adresses_distinctes": boxes + unlisted,
            "adresses_sur_plusieurs_lignes": several,
            "types_contradictoires": conflicting,
            "bal_hors_liste": unlisted,
            "rejets": causes,
        }

    def extraction(self) -> Iterator[bytes]:
        """The extraction, in pieces."""
        yield HEADER.encode() + b"\n"
        piece: list[bytes] = []
        for token in self._plan:
            if token < 0:
                piece.append(self._special[-1 - token])
            else:
                domain = self._domains[token]
                piece.append(_line(*self._box(domain, domain.emitted), domain.emitted))
                domain.emitted += 1
            if len(piece) == 1000:
                yield b"".join(piece)
                piece = []
        yield b"".join(piece)

    def white_list(self, generated: datetime) -> str:
        """The list of domains, not signed."""
        entries: list[str] = []
        for rank, domain in enumerate(self._domains):
            for operator in domain.operators:
                entries.append(self._entry(domain.name, operator, rank, 0))
            if rank in self._two_certificates:
                entries.append(self._entry(domain.name, domain.operators[0], rank, 1))
        when = (generated - timedelta(hours=1)).astimezone(UTC)
        return (
            f'<ListeBlancheMSSante xmlns="{NAMESPACE}">\n'
            f"    <DateDeGeneration>{when:%Y-%m-%dT%H:%M:%SZ}</DateDeGeneration>\n"
            f"    <ListeDomaines>\n{''.join(entries)}    </ListeDomaines></ListeBlancheMSSante>"
        )

    def _entry(self, domain: str, operator: int, rank: int, certificate: int) -> str:
        name = _distinguished_name(self._operators[operator], operator, operator + certificate)
        return (
            f"        <Domaine>\n            <Nom>{domain}</Nom>\n"
            f"            <Description>Domaine de messagerie inventé de l'opérateur d'essai {operator}</Description>\n"
            f"            <DNCertificatOperateur>{escape(name)}</DNCertificatOperateur>\n"
            f"            <ResponsableContact>00 00 00 00 00, nom@operateur-{operator}.example</ResponsableContact>\n"
            f"            <SupportContact>00 00 00 00 00, support@operateur-{operator}.example</SupportContact>\n"
            f"            <DateMAJ>2024-{1 + rank % 12:02d}-{1 + rank % 28:02d}T10:24:42Z</DateMAJ>\n"
            "        </Domaine>\n"
        )

    def _box(self, domain: _Domain, rank: int) -> tuple[bytes, str]:
        """Type and address of the mailbox `rank` of a domain: always the same for the same seed."""
        draw = (rank * 2_654_435_761 + len(domain.name) * 40_503 + self._seed * 97 + domain.operators[0]) % 1009
        if draw < 150:
            return b"ORG", f"secretariat.{_SERVICES[draw % 5].lower()}{rank}@{domain.name}"
        if draw == 150:
            return b"CAB", f"cabinet{rank}@{domain.name}"
        if draw < 170 and self._applications:
            return b"APP", f"application{rank}@{domain.name}"
        first, last = _FIRST_NAMES[draw % 8], _LAST_NAMES[draw % 9]
        return b"PER", f"{first.lower()}.{last.lower()}{rank}@{domain.name}"

    def _repeated(self, number: int) -> Iterator[tuple[_Domain, int]]:
        """Mailboxes that get a second line, all different."""
        large = sorted(self._domains, key=lambda domain: (-domain.boxes, domain.name))
        chosen = 0
        for rank in range(large[0].boxes):
            for domain in large:
                if rank >= domain.boxes:
                    break
                yield domain, rank
                chosen += 1
                if chosen == number:
                    return


def _line(kind: bytes, address: str, rank: int) -> bytes:
    """One line of 31 columns, invented."""
    if kind == b"PER":
        first, last = _FIRST_NAMES[rank % 8], _LAST_NAMES[rank % 9]
        text = (
            f"|8|1{rank % 10**10:010d}|81{rank % 10**10:010d}||||DR|{last}|{first}|C|Civil|10|Médecin|SM54|"
            "Médecine générale|O||||||||||EXEMPLE|||\n"
        )
    else:
        text = (
            f"||||1|99{rank % 10**7:07d}|{_SERVICES[rank % 5]}||||||||||N|ETABLISSEMENT D'ESSAI {rank}||||"
            f"{1 + rank % 99}||RUE|DE L'ESSAI||99999 EXEMPLE|99999||FRANCE\n"
        )
    return kind + b"|" + (address + text).encode()


def _malformed(cause: str, rank: int) -> bytes:
    """A line that a count must reject for this reason."""
    good = _line(b"PER", f"ligne.abimee{rank}@abimee.example", rank)
    match cause:
        case counting.EMPTY_LINE:
            return b"\n"
        case counting.MISSING_COLUMNS:
            return good.replace(b"||", b"|", 1)
        case counting.EXTRA_COLUMNS:
            return good.replace(b"||", b"|||", 1)
        case counting.UNREADABLE_BYTES:
            return good.replace("é".encode(), "é".encode("latin-1"))
        case counting.EMPTY_TYPE:
            return good.removeprefix(b"PER")
        case counting.EMPTY_ADDRESS:
            return good.replace(b"ligne.abimee%d@abimee.example" % rank, b"")
        case counting.NO_AT_SIGN:
            return good.replace(b"@", b".")
        case _:
            return good.replace(b"@", b"@@")


def _owners(domains: int, operators: int, chance: Random) -> Iterator[int]:
    """The first operator of each domain: each has at least one, a few have hundreds."""
    weights = [chance.paretovariate(0.9) for _ in range(operators)]
    owners = [
        *range(min(operators, domains)),
        *chance.choices(range(operators), weights, k=max(0, domains - operators)),
    ]
    chance.shuffle(owners)
    yield from owners


def _shares(total: int, weights: list[float]) -> Iterator[int]:
    """Whole shares in proportion to the weights, adding up to the total."""
    whole, done, taken = math.fsum(weights), 0.0, 0
    for weight in weights:
        done += weight
        upto = min(total, round(total * done / whole))
        yield upto - taken
        taken = upto


def _operator_identifier(rank: int, chance: Random) -> str:
    if rank % 8:
        return f"199{rank:06d}{chance.randrange(10)}"
    siren = _with_key(f"0{rank:04d}{chance.randrange(1000):03d}")
    return "3" + _with_key(f"{siren}0001")


def _with_key(digits: str) -> str:
    """Digits followed by their Luhn key."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


def _distinguished_name(identifier: str, operator: int, variant: int) -> str:
    """The subject of a certificate, written in one of the ways found in the list."""
    common, unit = f"CN=mss{variant % 3}.operateur-{operator}.example", f"OU={identifier}"
    match variant % 6:
        case 0:
            return f'{common},{unit},O="OPERATEUR D\'ESSAI {operator}, SERVICE",ST=Exemple (99),C=FR'
        case 1:
            return f"{common}, {unit}, O=OPERATEUR D'ESSAI {operator}, C=FR"
        case 2:
            return f"{common},{unit},L=EXEMPLE,C=FR"
        case 3:
            return f"{common},{unit},O=OPERATEUR\u00a0D'ESSAI {operator} AU NOM COUPE AVA,ST=Exemple (99),C=FR"
        case 4:
            return f"C=FR,O=OPERATEUR D\\,ESSAI {operator},{unit}\u00a0,{common}"
        case _:
            return f"{common},{unit},O=OPERATEUR D'ESSAI {operator},ST=Exemple (99),C=FR"


def _sign(document: str, generated: datetime) -> tuple[bytes, bytes]:
    """The document with its enveloped signature by a new key, and the certificate of that key (PEM)."""
    key = generate_private_key(65537, 2048)
    certificate = self_signed(key, generated)
    signed = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0).sign(
        etree.fromstring(document.encode()), key=key, cert=[certificate]
    )
    return (
        etree.tostring(signed, xml_declaration=True, encoding="UTF-8"),
        certificate.public_bytes(Encoding.PEM),
    )


def self_signed(key: RSAPrivateKey, generated: datetime) -> x509.Certificate:
    """A certificate for a throw-away key, valid from a year before `generated` to a year after."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signataire.example")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(generated - timedelta(days=365))
        .not_valid_after(generated + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
