"""The list of authorised domains: which operators each domain is under, from a signed XML file.

The file decides which operator is paid for which mailboxes, so it is treated as hostile. No document type, no entity,
no network, a bound on its size; the signature (enveloped XMLDSig over the whole document) is verified with signxml
against a certificate that the caller gives, never the one in the file; and only the content that the signature covers,
as signxml returns it, is used afterwards.

Without a certificate the content is still read, and the result is marked as unverified.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from recevable.files import open_regular
from recevable.registers.annuaire.distinguished_name import operator_in
from recevable.registers.annuaire.domains import is_domain
from recevable.registers.annuaire.errors import EvidenceError, file_reason

NAMESPACE = "https://listeblanche.mssante.fr/schema"
LARGEST_FILE = 64 << 20  # bytes: seventeen times the national list

VERIFIED = "verifiee"
UNVERIFIED = "non_verifiee"

# Stands for the operator when the certificate names none, so that such a domain is never given to another.
UNREADABLE = "illisible"

BAD_DOMAIN = "domaine_invalide"
NO_OPERATOR = "operateur_illisible"

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_ROOT = f"{{{NAMESPACE}}}ListeBlancheMSSante"
_GENERATED = f"{{{NAMESPACE}}}DateDeGeneration"
_LIST = f"{{{NAMESPACE}}}ListeDomaines"
_ENTRY = f"{{{NAMESPACE}}}Domaine"
_NAME = f"{{{NAMESPACE}}}Nom"
_CERTIFICATE_NAME = f"{{{NAMESPACE}}}DNCertificatOperateur"
_SIGNATURE = f"{{{_DSIG}}}Signature"
_GET_ORIGINAL = "Télécharger de nouveau la liste à sa source officielle"


@dataclass(frozen=True, slots=True)
class WhiteList:
    """The list as read. `domains` maps a domain (lower case) to its operators, sorted, at least one.

    `signature` is `verifiee` or `non_verifiee`; `certificate_sha256` is the fingerprint of the certificate it was
    verified against. `set_aside` counts the entries by what is wrong with them: `domaine_invalide` ones
    are left out, `operateur_illisible` ones put their domain under an unknown operator.
    """

    sha256: str
    size: int
    generated: datetime
    signature: str
    certificate_sha256: str | None
    entries: int
    domains: Mapping[str, tuple[str, ...]]
    set_aside: Mapping[str, int]

    @property
    def operators(self) -> frozenset[str]:
        """Every operator that has a domain."""
        return frozenset(one for several in self.domains.values() for one in several if one != UNREADABLE)


def read_white_list(path: Path, certificate: Path | None = None) -> WhiteList:
    """Read the list at `path`; with the PEM `certificate` of its signer, verify its signature first.

    The certificate must have been valid on the day the list says it was generated: a list remains valid after its
    certificate has expired, and the answer does not depend on today. Raises EvidenceError when the file or the
    certificate is refused.
    """
    raw = _bytes(path)
    source = str(path)
    _refuse_document_type(source, raw)
    root = _parse(source, raw)
    _check_shape(source, root)
    generated = _generation(source, root)
    certificate_sha256: str | None = None
    if certificate is not None:
        from recevable.registers.annuaire.signature import fingerprint, read_certificate, signed_content

        signer = read_certificate(certificate)
        certificate_sha256 = fingerprint(signer)
        # From here on, only what the signature covers exists.
        root = signed_content(source, raw, signer, generated)
        _check_content(source, root)
        if _generation(source, root) != generated:
            raise EvidenceError(source, "la date de la liste n'est pas celle qui est signée", _GET_ORIGINAL)
    domains, set_aside, entries = _domains(root)
    if not domains:
        raise EvidenceError(source, "la liste ne contient aucun domaine lisible", _GET_ORIGINAL)
    return WhiteList(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        generated=generated,
        signature=UNVERIFIED if certificate_sha256 is None else VERIFIED,
        certificate_sha256=certificate_sha256,
        entries=entries,
        domains={domain: tuple(sorted(domains[domain])) for domain in sorted(domains)},
        set_aside=dict(set_aside),
    )


def _domains(root: etree._Element) -> tuple[dict[str, set[str]], Counter[str], int]:
    """The operators of each domain, the entries set aside by cause, and the number of entries."""
    domains: dict[str, set[str]] = {}
    set_aside: Counter[str] = Counter()
    entries = 0
    operators: dict[str, str] = {}  # by distinguished name: a few hundred certificates for thousands of entries
    for entry in root.iterfind(f"{_LIST}/{_ENTRY}"):
        entries += 1
        domain = _text(entry, _NAME).lower()
        name = _text(entry, _CERTIFICATE_NAME)
        if not is_domain(domain):
            set_aside[BAD_DOMAIN] += 1
            continue
        if name not in operators:
            operators[name] = operator_in(name) or UNREADABLE
        if operators[name] == UNREADABLE:
            set_aside[NO_OPERATOR] += 1
        domains.setdefault(domain, set()).add(operators[name])
    return domains, set_aside, entries


def _bytes(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise EvidenceError(str(path), file_reason(error), "Vérifier le chemin du fichier") from error
    if len(raw) > LARGEST_FILE:
        raise EvidenceError(str(path), "fichier démesuré", _GET_ORIGINAL)
    if not raw:
        raise EvidenceError(str(path), "fichier vide", _GET_ORIGINAL)
    return raw


def _refuse_document_type(source: str, raw: bytes) -> None:
    """Refuse a document type before any parser sees it. UTF-8 is demanded first: UTF-16 could hide one."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError(
            source,
            "le fichier n'est pas en UTF-8 : texte réencodé",
            _GET_ORIGINAL,
            line=raw.count(b"\n", 0, error.start) + 1,
        ) from error
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY"):
        if (position := raw.find(forbidden)) >= 0:
            raise EvidenceError(
                source,
                "le fichier déclare un type de document ou des entités XML, ce qui est interdit ici",
                _GET_ORIGINAL,
                line=raw.count(b"\n", 0, position) + 1,
            )


def _parse(source: str, raw: bytes) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        # libxml2's own words may quote the file.
        raise EvidenceError(
            source,
            "XML mal formé : fichier tronqué ou abîmé",
            _GET_ORIGINAL,
            line=error.lineno or None,
            column=error.offset or None,
        ) from None


def _check_shape(source: str, root: etree._Element) -> None:
    """Refuse a document with anything but one list and one signature in their places."""
    if root.tag != _ROOT:
        raise EvidenceError(
            source,
            f"ce n'est pas une liste blanche MSSanté (racine `ListeBlancheMSSante` de {NAMESPACE})",
            _GET_ORIGINAL,
        )
    signatures = list(root.iter(_SIGNATURE))
    if not signatures:
        raise EvidenceError(source, "la liste n'est pas signée", _GET_ORIGINAL)
    if len(signatures) > 1 or signatures[0].getparent() is not root:
        raise EvidenceError(
            source, "la signature n'est pas unique, ou pas à sa place : fichier fabriqué", _GET_ORIGINAL
        )
    _check_content(source, root)


def _check_content(source: str, root: etree._Element) -> None:
    lists = list(root.iter(_LIST))
    if root.tag != _ROOT or len(list(root.iter(_ROOT))) > 1 or len(lists) != 1 or lists[0].getparent() is not root:
        raise EvidenceError(source, "la liste des domaines n'est pas unique, ou pas à sa place", _GET_ORIGINAL)


def _generation(source: str, root: etree._Element) -> datetime:
    """The time at which the list says it was generated, in UTC."""
    try:
        when = datetime.fromisoformat(_text(root, _GENERATED))
        if when.tzinfo is not None:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise EvidenceError(source, "`DateDeGeneration` est absente ou illisible", _GET_ORIGINAL)


def _text(parent: etree._Element, tag: str) -> str:
    """The text of the only child with this tag; empty when there is none, several, or one that holds elements."""
    children = list(parent.iterchildren(tag))
    return (children[0].text or "").strip() if len(children) == 1 and len(children[0]) == 0 else ""
