"""Programme sans document déclaré

## Ce que c'est

`programme.yaml` ne dit pas quels textes fondent le programme, ni quelles sections ils ont (clé `documents`).

## Pourquoi

Sans cette liste, rien ne peut vérifier que les sources des règles existent : une section mal recopiée passe.

## Mauvais

```yaml
programme: aide-logement
titre: Aide au logement
```

## Bon

```yaml
programme: aide-logement
titre: Aide au logement
documents:
  - {nom: Arrêté, titre: Arrêté du 3 mai 2023, sections: [art. 1, art. 2, art. 3]}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity, Span
from recevable.lint.model import Fault, View
from recevable.pack.model import MANIFEST

CODE: Final = "SRC-DOCUMENTS"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """One fault for the pack."""
    manifest = view.pack.manifest
    if not manifest.documents:
        help = "Ajoutez `documents: [{nom: …, titre: …, sections: [...]}]`."
        message = "le programme ne déclare pas les textes que ses règles citent"
        yield Fault(Span(MANIFEST, 1, 1), message, help, manifest.programme)
