"""Caractère invisible ou fin de ligne inhabituelle

## Ce que c'est

Un caractère que l'on ne voit pas (espace sans largeur, marque de sens d'écriture, caractère de commande), un accent
écrit à part de sa lettre (`é` en deux caractères), une espace insécable qui sert à indenter, ou une fin de ligne que
les éditeurs ne montrent pas tous. Il vient en général d'un copier-coller ; `recevable lint --fix` recompose les
accents.

## Pourquoi

Deux textes qui se lisent pareil ne seraient pas les mêmes : une comparaison échouerait sans que rien ne se voie.

## Mauvais

```yaml
# après « plafond », une espace sans largeur, collée depuis un traitement de texte
condition: aide.facture.prix <= plafond\u200b
```

## Bon

```yaml
condition: aide.facture.prix <= plafond
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-CARACTERE"
SEVERITY: Final = Severity.ERROR
