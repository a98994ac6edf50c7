"""Which model a check of the file has: that of its kind key."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Final

from pydantic import create_model

from sidecar.config.check.base import CheckModel
from sidecar.config.check.polled import PolledModel
from sidecar.config.choice import Choice
from sidecar.config.keepalived_words import OF_CHECK
from sidecar.config.mistake import Finding, Path, did_you_mean, quoted
from sidecar.config.other_words import other_word
from sidecar.config.strict_model import optional
from sidecar.plan import check as plan


class _Kinds(Mapping[str, type[CheckModel]]):
    """Loads a model when it is asked for: of all kinds of checks a file has few."""

    def __getitem__(self, kind: str) -> type[CheckModel]:
        if kind not in plan.KINDS:
            raise KeyError(kind)
        model: type[CheckModel] = import_module(f"sidecar.config.check.{kind}").MODEL
        return model

    def __iter__(self) -> Iterator[str]:
        return iter(plan.KINDS)

    def __len__(self) -> int:
        return len(plan.KINDS)


KINDS: Final = _Kinds()
"""The models by their kinds: `MODEL` in the module of that name."""

_USUAL: Final = (
    "kind-key",
    "`{key}` is a key of {owner} checks, and this is a check of kind {kind}; remove it",
)


def choose(path: Path, raw: dict[str, object], given: AbstractSet[str]) -> Choice[CheckModel]:
    """Return the model of a check with these keys, and what is wrong with its kind.

    Keys of other kinds are reported and removed from `raw`. Without exactly one kind the model has the keys
    of all kinds, so that their values are looked at all the same, and the rules of those that are there.
    """
    kinds = kinds_of(given)
    if len(kinds) != 1:
        findings = list(_not_one(path, [kind.kind for kind in kinds], given))
        return Choice(_any_kind(tuple(KINDS.values()), tuple(kinds)), findings)
    findings = list(_foreign(path, kinds[0], given))
    for key in [key for key in raw if key not in _keys(kinds[0]) and key in _every_key()]:
        del raw[key]
    return Choice(kinds[0], findings, _every_key)


def kinds_of(given: AbstractSet[str]) -> list[type[CheckModel]]:
    """Return the models of the kind keys among these: one, unless there is a mistake."""
    return [KINDS[kind] for kind in KINDS if kind in given]


def _not_one(path: Path, kinds: list[str], given: AbstractSet[str]) -> Iterator[Finding]:
    """A check asks one question."""
    if kinds:
        message = f"{' and '.join(kinds)} are two kinds in one check; make a check of each"
        yield Finding((*path, kinds[1]), "check-kind", message, at_key=True)
    # A mistyped kind is an unknown key, and the message about that names the right one.
    elif not any(did_you_mean(key, KINDS) or _is_kind_of_others(key) for key in given - _every_key()):
        message = f"this check has no kind; add exactly one of {', '.join(KINDS)}"
        yield Finding(path, "check-kind", message, at_key=True)


def _is_kind_of_others(key: str) -> bool:
    word = other_word(("checks", "", key)) or OF_CHECK.get(key)
    return word is not None and word.ours.rpartition(".")[2] in KINDS


def _foreign(path: Path, model: type[CheckModel], given: AbstractSet[str]) -> Iterator[Finding]:
    """A key of one kind means nothing to another."""
    for key in sorted(given - _keys(model)):
        owners = [other for other in KINDS.values() if key in _keys(other)]
        if owners:
            code, sentence = owners[0].elsewhere.get(key, _USUAL)
            owner = " and ".join(other.kind for other in owners)
            message = sentence.format(key=key, owner=owner, kind=model.kind)
            yield Finding((*path, key), code, message, at_key=True)


def _keys(model: type[CheckModel]) -> AbstractSet[str]:
    return model.model_fields.keys()


def _every_key() -> AbstractSet[str]:
    return frozenset().union(*(_keys(model) for model in KINDS.values()))


class _NoKind(PolledModel):
    """A check that has no kind, or several: it is only looked at."""

    kind: ClassVar[str] = ""

    def plan(self, name: str) -> plan.AnyCheck:
        """Refuse: a configuration with such a check has an error."""
        raise TypeError(f"check {quoted(name)} has no kind")


@cache
def _any_kind(models: tuple[type[CheckModel], ...], kinds: tuple[type[CheckModel], ...]) -> type[CheckModel]:
    """Return a model with the keys of all kinds, none of them required, and the rules of these kinds."""
    fields: dict[str, Any] = {}
    for model in models:
        for name, field in model.model_fields.items():
            if name not in _NoKind.model_fields:
                fields.setdefault(name, optional(field))
    model = create_model("AnyKind", __base__=_NoKind, **fields)
    model.rules = tuple(dict.fromkeys(each for kind in kinds or (_NoKind,) for each in kind.rules))
    return model
