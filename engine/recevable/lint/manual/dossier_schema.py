"""Schéma des dossiers qui ne peut pas servir

## Ce que c'est

Le fichier que `schema` désigne n'existe pas, n'est pas du JSON, contient deux fois une clé, n'est pas un schéma au sens
de JSON Schema 2020-12 (mot-clé inconnu, valeur qui n'a pas la forme demandée, expression rationnelle fausse), décrit un
champ sans type dans les règles, se contredit, ou se réfère (`$ref`) à autre chose qu'à lui-même.

Une expression rationnelle n'a ni assertion (`(?=…)`) ni renvoi à un groupe : elle se vérifie en un temps proportionnel
au texte. Les formats sont `date`, `instant`, `montant`, `taux` et `lisible` (un texte qui montre quelque chose : à
mettre aux noms), plus ceux de JSON Schema ; la clé de `siret`, `siren`, `iban` et `bic` revient aux règles.

## Pourquoi

Le schéma dit quels champs un dossier peut avoir : sans lui, aucune expression ne peut être vérifiée. Un mot-clé mal
écrit serait ignoré, et ce qu'il interdit passerait ; une référence au-dehors laisserait décider un fichier que personne
n'a relu.

## Mauvais

```yaml
schema: dossiers.schema.json
```

## Bon

```yaml
schema: dossier.schema.json
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-SCHEMA"
SEVERITY: Final = Severity.ERROR
