"""A bench to make invented extractions and signed lists of domains on, small and exactly as a test wants them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from recevable.registers.annuaire.extraction import HEADER
from recevable.registers.annuaire.sample import Sample, write_sample

NAMESPACE = "https://listeblanche.mssante.fr/schema"
GENERATED = datetime(2025, 2, 28, 15, 42, 7, tzinfo=UTC)
REST = "|" * 29  # the 29 columns after the address, empty


def line(kind: str, address: str) -> str:
    """A line of 31 columns."""
    return f"{kind}|{address}{REST}"


def certified(key: RSAPrivateKey | EllipticCurvePrivateKey) -> Signer:
    """A signer with this key and a certificate valid a month on either side of the list."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signataire.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(GENERATED - timedelta(days=30))
        .not_valid_after(GENERATED + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return Signer(key, certificate)


@dataclass(frozen=True)
class Signer:
    """A key made for the session, and its certificate."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate as a file holds it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(
        self, document: str, algorithm: str = "rsa-sha256", digest: str = "sha256", part: str | None = None
    ) -> bytes:
        """The document with an enveloped signature, as the national list has it, or one of the element `part`."""
        signer = XMLSigner(
            signature_algorithm=algorithm,
            digest_algorithm=digest,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        root = etree.fromstring(document.encode())
        signed = signer.sign(root, key=self.key, cert=[self.certificate], reference_uri=part)
        return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


class Bench:
    """Makes files in a folder of its own."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self.folder = folder
        self.signer = signer

    def extraction(
        self,
        lines: Iterable[str],
        *,
        name: str = "Extraction_Correspondance_MSSante_202502281600.txt",
        header: str = HEADER,
        end: str = "\n",
        encoding: str = "utf-8",
        before: bytes = b"",
    ) -> Path:
        """An extraction of these lines."""
        path = self.folder / name
        path.write_bytes(before + "".join(text + end for text in [header, *lines]).encode(encoding))
        return path

    def archive(
        self, members: dict[str, bytes], name: str = "extraction.zip", method: int = zipfile.ZIP_DEFLATED
    ) -> Path:
        """A ZIP of these members."""
        path = self.folder / name
        with zipfile.ZipFile(path, "w", method) as container:
            for member, content in members.items():
                container.writestr(member, content)
        return path

    def file(self, name: str, content: bytes) -> Path:
        """A file of these bytes."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def document(
        self, entries: Iterable[tuple[str, str]], *, generated: str = "2025-02-28T15:42:07Z", namespace: str = NAMESPACE
    ) -> str:
        """A list of (domain, distinguished name of a certificate), not signed."""
        items = "".join(
            f"<Domaine><Nom>{escape(domain)}</Nom><Description>essai</Description>"
            f"<DNCertificatOperateur>{escape(name)}</DNCertificatOperateur>"
            "<ResponsableContact>Personne Inventée, 00 00 00 00 00</ResponsableContact></Domaine>\n"
            for domain, name in entries
        )
        return (
            f'<ListeBlancheMSSante xmlns="{namespace}"><DateDeGeneration>{generated}</DateDeGeneration>'
            f"<ListeDomaines>\n{items}</ListeDomaines></ListeBlancheMSSante>"
        )

    def white_list(self, entries: Iterable[tuple[str, str]]) -> Path:
        """A signed list of (domain, operator identifier)."""
        document = self.document((domain, f"CN=mss.example,OU={operator},C=FR") for domain, operator in entries)
        return self.file("liste.xml", self.signer.sign(document))

    @property
    def certificate(self) -> Path:
        """The certificate of the signer."""
        return self.file("signataire.pem", self.signer.pem)


@pytest.fixture(scope="session")
def signer() -> Signer:
    """The signer whose certificate is known: made once, a key takes time."""
    return certified(generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def other() -> Signer:
    """Somebody else."""
    return certified(generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def weak() -> Signer:
    """A signer with a key too short for today."""
    return certified(generate_private_key(65537, 1024))


@pytest.fixture(scope="session")
def curve() -> Signer:
    """A signer with an elliptic curve key."""
    return certified(generate_curve_key(SECP256R1()))


@pytest.fixture
def bench(tmp_path: Path, signer: Signer) -> Bench:
    """A bench in the folder of the test."""
    return Bench(tmp_path, signer)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """An invented extraction of 30 000 lines with its list."""
    return write_sample(tmp_path_factory.mktemp("echantillon"), lines=30_000, seed=7, anomalies=1)
