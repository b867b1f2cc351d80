"""Verifying the enveloped signature of an XML document against one certificate.

signxml verifies; this module sets the conditions. The key is that of the given certificate, never one in the document;
there is one reference, to the whole document; obsolete algorithms are refused. The result is the signed content in
canonical form, the only part of the document that callers may use.
"""

from __future__ import annotations

import binascii
import hashlib
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from recevable.files import open_regular
from recevable.registers.annuaire.errors import EvidenceError, file_reason

DSIG = "http://www.w3.org/2000/09/xmldsig#"

_SMALLEST_RSA_KEY = 2048  # bits
_LARGEST_CERTIFICATE = 1 << 20  # bytes
_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_REFERENCE = f"{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference"
_EMBEDDED = f"{{{DSIG}}}Signature/{{{DSIG}}}KeyInfo/{{{DSIG}}}X509Data/{{{DSIG}}}X509Certificate"
_GET_ORIGINAL = "Télécharger de nouveau la liste à sa source officielle"


def read_certificate(path: Path) -> x509.Certificate:
    """The only certificate in a PEM file; raises EvidenceError."""
    try:
        with open_regular(path) as file:
            raw = file.read(_LARGEST_CERTIFICATE)
    except OSError as error:
        raise EvidenceError(str(path), file_reason(error), "Vérifier le chemin du certificat") from error
    repair = "Donner le certificat du signataire de la liste, au format PEM"
    try:
        certificates = x509.load_pem_x509_certificates(raw)
        key = certificates[0].public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceError(str(path), "ce n'est pas un certificat X.509 au format PEM", repair) from error
    if len(certificates) != 1:
        raise EvidenceError(
            str(path), f"le fichier contient {len(certificates)} certificats ; il en faut un seul", repair
        )
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey) or (
        isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA_KEY
    ):
        raise EvidenceError(str(path), "la clé de ce certificat est d'une sorte ou d'une taille trop faible", repair)
    return certificates[0]


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the certificate, in hexadecimal."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def signed_content(source: str, document: bytes, certificate: x509.Certificate, when: datetime) -> etree._Element:
    """The content that the signature of `document` covers, once verified: parsed from its canonical form.

    `document` is well formed and has one signature, a child of its root; `when` is the time at which the certificate
    must be valid. Raises EvidenceError when the signature does not hold or does not cover the whole document.
    """
    configuration = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=when,
    )
    # Processing instructions stay: they are part of what is signed.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False, collect_ids=False
    )
    try:
        result = XMLVerifier().verify(document, x509_cert=certificate, parser=parser, expect_config=configuration)
    except InvalidCertificate as error:
        raise EvidenceError(
            source,
            "le certificat donné n'était pas valable le jour où la liste dit avoir été produite",
            "Donner le certificat qui était celui du signataire à cette date",
        ) from error
    except InvalidDigest as error:
        raise EvidenceError(source, "le contenu a été modifié après sa signature", _GET_ORIGINAL) from error
    except InvalidSignature as error:
        if _signed_by_another(document, certificate):
            raise EvidenceError(
                source,
                "la liste est signée par un autre certificat que celui qui est donné",
                "Vérifier le certificat auprès de l'ANS, puis la provenance de la liste",
            ) from error
        raise EvidenceError(source, "la signature n'est pas valable : fichier altéré", _GET_ORIGINAL) from error
    except (
        SignXMLException,
        etree.LxmlError,
        UnsupportedAlgorithm,
        binascii.Error,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        NotImplementedError,
    ) as error:
        # signxml checks the shape of a signature less than we do: any exception it raises means a bad signature.
        raise EvidenceError(source, "la signature est mal formée ou d'une sorte refusée", _GET_ORIGINAL) from error
    if (
        not isinstance(result, VerifyResult)
        or result.signed_xml is None
        or [reference.get("URI") for reference in result.signature_xml.findall(_REFERENCE)] != [""]
    ):
        raise EvidenceError(source, "la signature ne couvre pas tout le document", _GET_ORIGINAL)
    return result.signed_xml


def _signed_by_another(document: bytes, certificate: x509.Certificate) -> bool:
    """Whether the document names another certificate as its signer's: used to explain a failure only."""
    root = etree.fromstring(document, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True))
    embedded = root.findtext(_EMBEDDED)
    if embedded is None:
        return False
    try:
        return binascii.a2b_base64(embedded) != certificate.public_bytes(Encoding.DER)
    except ValueError:
        return False
