"""Option defaults that belong to policy: parameters of the pack, read when the option is not given."""

from __future__ import annotations

from typing import Any, Final

from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import Parameter

# In the place of a setting: the further types that the manifest names.
_TYPES: Final = "types"
# register, verb, option: the setting of the register, for which the manifest names the parameter.
_PLACES: Final[dict[tuple[str, ...], dict[str, str]]] = {
    ("annuaire", "compare"): {"threshold": "seuil", "smallest": "effectif_minimal", "types": _TYPES},
    ("annuaire", "count"): {"types": _TYPES},
}


class PolicyDefaults(dict[str, Any]):
    """The default map of click: one level per verb, then values read from the shipped pack."""

    def __init__(self, *verbs: str) -> None:
        super().__init__()
        self.verbs = verbs

    def get(self, name: str, default: Any = None) -> Any:
        """The level of a verb, or the default of an option; None keeps the option's own default."""
        path = (*self.verbs, name)
        if any(verbs[: len(path)] == path for verbs in _PLACES):
            return PolicyDefaults(*path)
        place = _PLACES.get(self.verbs, {}).get(name)
        value = None if place is None else _value(self.verbs[0], place)
        return default if value is None else value

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None

    def __getitem__(self, name: str) -> Any:
        return self.get(name)


def _value(register: str, setting: str) -> str | list[str] | None:
    from recevable.cli.programmes import Programmes

    try:
        packs = [programme.pack for programme in Programmes(None).all()]
    except (DiagnosticError, FileNotFoundError):
        return None
    of_register = [
        (p, p.manifest.proof) for p in packs if p.manifest.proof and p.manifest.proof.register.name == register
    ]
    if len(of_register) != 1:
        return None
    ((pack, proof),) = of_register
    if setting == _TYPES:
        return [f"{code}={figure}" for code, figure in proof.types.items()]
    parameter: Parameter = pack.parameters[proof.settings[setting].text]
    value = parameter.at(pack.manifest.today())
    return None if value is None or value.value is None else str(value.value)
