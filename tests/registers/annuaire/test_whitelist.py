"""The list of domains: what it says of each domain, and that only the signed content of a sound file is believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from recevable.registers.annuaire import whitelist
from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.signature import signed_content
from recevable.registers.annuaire.whitelist import WhiteList, read_white_list

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registers.annuaire.conftest import Bench, Signer

ONE, TWO = "300012340600019", "1990000016"
ENTRIES = [("un.example", ONE), ("deux.example", TWO), ("partage.example", ONE), ("partage.example", TWO)]
GENERATED = datetime(2025, 2, 28, 15, 42, 7, tzinfo=UTC)
DSIG = "http://www.w3.org/2000/09/xmldsig#"


def names(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(domain, f"CN=mss.example,OU={operator},C=FR") for domain, operator in entries]


def signed(bench: Bench, document: str | None = None) -> bytes:
    return bench.signer.sign(document or bench.document(names(ENTRIES)))


def read(bench: Bench, content: bytes) -> WhiteList:
    return read_white_list(bench.file("liste.xml", content), bench.certificate)


def refuse(bench: Bench, content: bytes, message: str, *, verify: bool = True) -> str:
    path = bench.file("liste.xml", content)
    with pytest.raises(EvidenceError, match=message) as caught:
        read_white_list(path, bench.certificate if verify else None)
    return str(caught.value)


def test_a_signed_list_gives_the_operators_of_each_domain(bench: Bench) -> None:
    known = read(bench, signed(bench))
    assert known.domains == {"un.example": (ONE,), "deux.example": (TWO,), "partage.example": (TWO, ONE)}
    assert list(known.domains) == sorted(known.domains)
    assert known.operators == {ONE, TWO}
    assert (known.entries, known.set_aside, known.signature) == (4, {}, "verifiee")
    assert known.generated == GENERATED


def test_without_a_certificate_the_list_is_read_and_said_not_verified(bench: Bench) -> None:
    known = read_white_list(bench.file("liste.xml", signed(bench)))
    assert (known.signature, known.certificate_sha256) == ("non_verifiee", None)
    assert known.domains == read(bench, signed(bench)).domains


def test_the_proof_names_the_certificate(bench: Bench) -> None:
    fingerprint = read(bench, signed(bench)).certificate_sha256
    assert fingerprint is not None
    assert re.fullmatch("[0-9a-f]{64}", fingerprint)


def test_several_certificates_of_one_operator_are_one_operator(bench: Bench) -> None:
    document = bench.document([("un.example", f"CN=a,OU={ONE}"), ("UN.example", f"CN=b,O=AUTRE NOM,OU={ONE}")])
    assert read(bench, signed(bench, document)).domains == {"un.example": (ONE,)}


def test_a_certificate_that_names_no_operator_keeps_the_domain_from_being_given_to_another(bench: Bench) -> None:
    document = bench.document([("un.example", f"CN=a,OU={ONE}"), ("un.example", "CN=b,O=X"), ("deux.example", "CN=b")])
    known = read(bench, signed(bench, document))
    assert known.domains == {"un.example": (ONE, "illisible"), "deux.example": ("illisible",)}
    assert known.set_aside == {"operateur_illisible": 2}
    assert known.operators == {ONE}


def test_entries_that_name_no_domain_are_left_out_and_counted(bench: Bench) -> None:
    document = bench.document(names([("un.example", ONE), ("", ONE), ("sans-point", ONE), ("a b.example", ONE)]))
    document = document.replace("</ListeDomaines>", "<Domaine/></ListeDomaines>")
    twice = "<Domaine><Nom>x.example</Nom><Nom>y.example</Nom></Domaine></ListeDomaines>"
    known = read(bench, signed(bench, document.replace("</ListeDomaines>", twice)))
    assert list(known.domains) == ["un.example"]
    assert (known.entries, known.set_aside) == (6, {"domaine_invalide": 5})


def test_a_comment_inside_a_name_hides_nothing(bench: Bench) -> None:
    document = bench.document(names([("un.exa<!-- -->mple", ONE)])).replace("&lt;!-- --&gt;", "<!-- -->")
    path = bench.file("liste.xml", signed(bench, document))
    assert (
        list(read_white_list(path).domains) == list(read_white_list(path, bench.certificate).domains) == ["un.example"]
    )


# Signatures.


def test_an_unsigned_list_is_refused_even_when_no_certificate_is_given(bench: Bench) -> None:
    document = bench.document(names(ENTRIES)).encode()
    refuse(bench, document, "n'est pas signée")
    refuse(bench, document, "n'est pas signée", verify=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"un.example", b"uN.example"),
        (b"OU=" + ONE.encode(), b"OU=300099990400014"),
        (b"15:42:07", b"15:42:08"),
        (b"</ListeDomaines>", b"<Domaine><Nom>a.example</Nom></Domaine></ListeDomaines>"),
        (b"<Description>essai</Description>", b"<Description>essai </Description>"),
    ],
)
def test_a_list_altered_after_its_signature_is_refused(bench: Bench, old: bytes, new: bytes) -> None:
    content = signed(bench)
    assert old in content
    refuse(bench, content.replace(old, new, 1), "modifié après sa signature")


def test_a_list_signed_by_another_is_refused(bench: Bench, other: Signer) -> None:
    refuse(bench, other.sign(bench.document(names(ENTRIES))), "signée par un autre certificat")


def test_naming_the_right_certificate_does_not_make_another_signature_good(bench: Bench, other: Signer) -> None:
    forged = other.sign(bench.document(names(ENTRIES)))
    mine = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", signed(bench), re.DOTALL)
    assert mine is not None
    content = re.sub(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", mine[0], forged, flags=re.DOTALL)
    refuse(bench, content, "signature n'est pas valable")


def test_an_altered_signature_is_refused(bench: Bench) -> None:
    content = signed(bench)
    start = content.index(b"<ds:SignatureValue>") + len(b"<ds:SignatureValue>")
    flipped = b"A" if content[start : start + 1] != b"A" else b"B"
    refuse(bench, content[:start] + flipped + content[start + 1 :], "signature n'est pas valable")


@pytest.mark.parametrize(
    "pattern",
    [
        rb"<ds:SignatureValue>.*?</ds:SignatureValue>",
        rb"<ds:SignedInfo>.*?</ds:SignedInfo>",
        rb"<ds:DigestValue>.*?</ds:DigestValue>",
        rb"<ds:Reference .*?</ds:Reference>",
        rb"<ds:SignatureMethod [^>]*/>",
    ],
)
def test_a_signature_with_a_part_missing_is_refused(bench: Bench, pattern: bytes) -> None:
    refuse(bench, re.sub(pattern, b"", signed(bench), flags=re.DOTALL), "signature")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"),
        (b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#hmac-sha1"),
        (b"2001/04/xmldsig-more#rsa-sha256", b"2001/04/xmldsig-more#inconnu"),
        (b"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
        (b'URI=""', b'URI="http://attaque.example/"'),
        (b'URI=""', b'URI="#xpointer(/)"'),
        (b'URI=""', b'URI="#absent"'),
    ],
)
def test_another_algorithm_or_reference_is_refused(bench: Bench, old: bytes, new: bytes) -> None:
    content = signed(bench)
    assert old in content
    refuse(bench, content.replace(old, new), "signature")


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_the_longer_digests_are_accepted(bench: Bench, digest: str) -> None:
    content = bench.signer.sign(bench.document(names(ENTRIES)), f"rsa-{digest}", digest)
    assert read(bench, content).signature == "verifiee"


@pytest.mark.parametrize(("algorithm", "digest"), [("rsa-sha224", "sha256"), ("rsa-sha256", "sha224")])
def test_shorter_digests_are_refused(bench: Bench, algorithm: str, digest: str) -> None:
    content = bench.signer.sign(bench.document(names(ENTRIES)), algorithm, digest)
    refuse(bench, content, "d'une sorte refusée")


def test_an_elliptic_curve_key_is_accepted(bench: Bench, curve: Signer) -> None:
    path = bench.file("liste.xml", curve.sign(bench.document(names(ENTRIES)), "ecdsa-sha256"))
    assert read_white_list(path, bench.file("courbe.pem", curve.pem)).signature == "verifiee"


@pytest.mark.parametrize("days", [-400, 400])
def test_the_certificate_must_be_valid_on_the_day_the_list_was_made(bench: Bench, days: int) -> None:
    when = GENERATED + timedelta(days=days)
    document = bench.document(names(ENTRIES), generated=when.isoformat())
    refuse(bench, signed(bench, document), "n'était pas valable le jour")


def part_signed(bench: Bench) -> etree._Element:
    """A document in which the genuine list is signed as a part, by reference to its Id."""
    document = bench.document(names(ENTRIES)).replace("<ListeBlancheMSSante", '<ListeBlancheMSSante Id="vraie"', 1)
    return etree.fromstring(bench.signer.sign(document, part="#vraie"))


def forged_root(bench: Bench) -> etree._Element:
    return etree.fromstring(bench.document(names([("un.example", TWO)])).encode())


def test_a_genuine_list_hidden_in_a_forged_one_is_refused(bench: Bench) -> None:
    genuine = part_signed(bench)
    signature = genuine.find(f"{{{DSIG}}}Signature")
    assert signature is not None
    for hidden in ("inside", "beside"):
        forged = forged_root(bench)
        copy = etree.fromstring(etree.tostring(genuine))
        inner = copy.find(f"{{{DSIG}}}Signature")
        assert inner is not None
        copy.remove(inner)
        if hidden == "inside":
            etree.SubElement(forged, "cache").append(copy)
        else:
            forged.append(copy)
        forged.append(etree.fromstring(etree.tostring(signature)))
        refuse(bench, etree.tostring(forged), "pas unique|ne couvre pas")


def test_a_list_wrapped_in_its_own_signature_object_is_refused(bench: Bench) -> None:
    genuine = part_signed(bench)
    signature = genuine.find(f"{{{DSIG}}}Signature")
    assert signature is not None
    genuine.remove(signature)
    etree.SubElement(signature, f"{{{DSIG}}}Object").append(genuine)
    forged = forged_root(bench)
    forged.append(signature)
    refuse(bench, etree.tostring(forged), "pas unique|pas à sa place")


def test_a_signature_of_a_part_is_refused_even_when_the_part_is_everything(bench: Bench) -> None:
    refuse(bench, etree.tostring(part_signed(bench)), "ne couvre pas tout le document")


def test_a_second_signature_or_one_out_of_place_is_refused(bench: Bench) -> None:
    root = etree.fromstring(signed(bench))
    signature = root.find(f"{{{DSIG}}}Signature")
    assert signature is not None
    root.append(etree.fromstring(etree.tostring(signature)))
    refuse(bench, etree.tostring(root), "signature n'est pas unique")
    moved = etree.fromstring(signed(bench))
    element = moved.find(f"{{{DSIG}}}Signature")
    assert element is not None
    moved[1].append(element)
    refuse(bench, etree.tostring(moved), "signature n'est pas unique, ou pas à sa place")
    with pytest.raises(EvidenceError, match="signature"):
        signed_content("liste.xml", etree.tostring(moved), bench.signer.certificate, GENERATED)


def test_a_second_list_is_refused_even_when_signed(bench: Bench) -> None:
    document = bench.document(names(ENTRIES)).replace("</ListeBlanche", "<ListeDomaines/></ListeBlanche")
    refuse(bench, signed(bench, document), "pas unique")


# Hostile or damaged XML.


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.999])
@pytest.mark.parametrize("verify", [True, False])
def test_a_truncated_list_is_refused_with_the_place(bench: Bench, kept: float, verify: bool) -> None:
    content = signed(bench)
    message = refuse(bench, content[: int(len(content) * kept)], "tronqué ou abîmé", verify=verify)
    assert re.search(r", ligne \d+, colonne \d+ :", message)


def test_the_place_of_an_error_quotes_nothing_of_the_file(bench: Bench) -> None:
    content = signed(bench).replace(b"</Nom>", b"</Secret>", 1)
    assert "Secret" not in refuse(bench, content, "mal formé")


EXTERNAL = '<!DOCTYPE x [<!ENTITY vole SYSTEM "file:///etc/hostname">]>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
REMOTE = '<!DOCTYPE x SYSTEM "http://attaque.example/x.dtd">'


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("doctype", [EXTERNAL, LAUGHS, REMOTE, "<!DOCTYPE x>"])
def test_a_document_type_is_refused_before_any_entity_is_read(bench: Bench, doctype: str, verify: bool) -> None:
    document = bench.document([("&vole;&j;.example", f"OU={ONE}")]).replace("&amp;", "&")
    content = f'<?xml version="1.0"?>\n{doctype}{document}'.encode()
    assert ", ligne 2 :" in refuse(bench, content, "interdit ici", verify=verify)


def test_a_document_type_in_small_letters_is_not_one(bench: Bench) -> None:
    refuse(bench, signed(bench).replace(b"<ListeBlanche", b"<!doctype x><ListeBlanche", 1), "mal formé")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "latin-1"])
def test_another_encoding_is_refused(bench: Bench, encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>{EXTERNAL}{bench.document(names(ENTRIES))}é'
    refuse(bench, document.encode(encoding), "UTF-8|interdit|mal formé")


def test_an_encoding_that_is_only_announced_changes_nothing(bench: Bench) -> None:
    content = signed(bench).replace(b"encoding='UTF-8'", b"encoding='UTF-7'")
    assert b"UTF-7" in content
    assert read(bench, content).domains == read(bench, signed(bench)).domains


def test_nesting_without_end_is_refused(bench: Bench) -> None:
    refuse(bench, b"<a>" * 100_000, "mal formé", verify=False)


def test_a_huge_text_is_refused(bench: Bench) -> None:
    refuse(bench, b"<a>" + b"x" * 11_000_000 + b"</a>", "mal formé|ce n'est pas une liste", verify=False)


def test_a_huge_file_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whitelist, "LARGEST_FILE", 100)
    refuse(bench, signed(bench), "démesuré")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "fichier vide"),
        (b"pas du XML", "mal formé"),
        (b"<a/>", "ce n'est pas une liste blanche"),
        (b"\x00\x01", "mal formé"),
    ],
)
def test_another_file_is_refused(bench: Bench, content: bytes, message: str) -> None:
    refuse(bench, content, message)


def test_another_namespace_is_refused(bench: Bench) -> None:
    document = bench.document(names(ENTRIES), namespace="https://attaque.example/schema")
    refuse(bench, signed(bench, document), "ce n'est pas une liste blanche")


@pytest.mark.parametrize("generated", ["", "hier", "2025-02-28T15:42:07", "0001-01-01T00:00:00+23:00"])
def test_a_list_without_its_date_is_refused(bench: Bench, generated: str) -> None:
    refuse(bench, signed(bench, bench.document(names(ENTRIES), generated=generated)), "DateDeGeneration", verify=False)


def test_a_list_without_a_domain_is_refused(bench: Bench) -> None:
    refuse(bench, signed(bench, bench.document([])), "aucun domaine lisible")


def test_a_missing_list_is_refused(bench: Bench) -> None:
    with pytest.raises(EvidenceError, match="n'existe pas"):
        read_white_list(bench.folder / "absente.xml")


# Certificates.


def refuse_certificate(bench: Bench, path: Path, message: str) -> None:
    with pytest.raises(EvidenceError, match=message) as caught:
        read_white_list(bench.file("liste.xml", signed(bench)), path)
    assert str(path) in str(caught.value)


def test_a_certificate_must_be_one_certificate_in_pem(bench: Bench) -> None:
    refuse_certificate(bench, bench.folder / "absent.pem", "n'existe pas")
    refuse_certificate(bench, bench.file("c.pem", b"pas un certificat"), "ce n'est pas un certificat")
    refuse_certificate(bench, bench.file("c.pem", b""), "ce n'est pas un certificat")
    refuse_certificate(bench, bench.file("c.pem", bench.signer.pem[:200]), "ce n'est pas un certificat")
    refuse_certificate(bench, bench.file("c.pem", bench.signer.pem * 2), "2 certificats")


def test_a_short_key_is_refused(bench: Bench, weak: Signer) -> None:
    refuse_certificate(bench, bench.file("c.pem", weak.pem), "trop faible")
