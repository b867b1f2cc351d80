"""Packs prepared once: verified, compiled, planned for the network, and kept in the user's cache (docs/adr/0008).

A command that finds its pack prepared reads no YAML and compiles nothing.  The key of an entry is the digest of its
inputs: the engine, the packages it depends on, every file of the pack.  An entry is used, or written, only if the
digests stored in the pack, taken from the parsed bytes, match the files and the schema; and it is read only if it
belongs to the user and nobody else may write it or its folder, the rule by which Python trusts compiled files.
"""

from __future__ import annotations

import sys
from _pickle import loads  # the half of `pickle` that is not Python: reading needs no other
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from recevable import cache, digests
from recevable.decision.receipt import deciding_versions, engine_digest
from recevable.dossier.validate import SchemaValidator
from recevable.inference.network import Network, forms_of
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Pack
from recevable.pack.source import MAX_BYTES, FolderSource

KEPT: Final = 8


def validator_of(pack: Pack) -> SchemaValidator:
    """The validator of the dossiers of a pack."""
    manifest = pack.manifest
    keys = {request.each: request.key for request in manifest.requests.values() if request.each}
    keys |= {path: one.key for path, one in manifest.lists.items()}
    return SchemaValidator(pack.schema, manifest.zone, manifest.years, keys)


class Prepared(NamedTuple):
    """A verified pack, the network of each of its contexts, and the validator of its dossiers."""

    compiled: CompiledPack
    networks: Mapping[str, Network]
    validator: SchemaValidator


def prepare(folder: Path) -> Prepared:
    """The pack of a folder, ready to decide; raises DiagnosticError when it is invalid."""
    kept = cache.folder()
    if kept is None:
        return _make(folder)
    try:
        there = _digests(folder)
    except OSError:
        # a file cannot be read: the loader reports it if it is needed
        return _make(folder)
    made_from = (engine_digest(), dict(deciding_versions()), sys.version, str(folder.resolve()), sorted(there.items()))
    entry = kept / f"{digests.sha256(repr(made_from).encode())}.paquet"
    known = _read(entry)
    if known is not None and _is_of(known, folder, there):
        return known
    made = _make(folder)
    # a file changed meanwhile: the result is correct, but does not match the name of the entry
    if _is_of(made, folder, there):
        # imported late: Python's half of it, which no reading needs
        import pickle

        cache.write(entry, pickle.dumps(tuple(made), protocol=5), KEPT)
    return made


def _digests(folder: Path) -> dict[str, str]:
    """The digest of every file in the folder, by name; unused files count too."""
    source = FolderSource(folder)
    return digests.of_files(folder.resolve(), source.names(), MAX_BYTES)


def _is_of(prepared: Prepared, folder: Path, there: Mapping[str, str]) -> bool:
    """Whether a pack was made from these files, and from the schema currently found first."""
    pack = prepared.compiled.pack
    if dict(pack.digests) != dict(there):
        return False
    try:
        schema = FolderSource(folder).schema(pack.manifest.schema)
    except OSError:
        return False
    return schema.path == pack.schema_file and digests.sha256(schema.content) == pack.schema_file_sha256


def _make(folder: Path) -> Prepared:
    from recevable.inference.verified import verified

    compiled = verified(folder).without_sources()
    forms = forms_of(compiled.context(name) for name in compiled.context_names)
    pack = compiled.pack
    networks = {name: Network(compiled.context(name), forms) for name in compiled.context_names}
    return Prepared(compiled, networks, validator_of(pack))


def _read(entry: Path) -> Prepared | None:
    content = cache.read(entry)
    if content is None:
        return None
    try:
        found = Prepared(*loads(content))  # see the module's docstring
        assert isinstance(found.compiled, CompiledPack)
    except Exception:  # noqa: BLE001  # an old or foreign entry may hold anything; it is rebuilt
        return None
    return found
