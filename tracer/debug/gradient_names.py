"""Which gradient a name of a backward pass holds: `dW1`, `self.grads["W1"]`, `dL_dz2`.

What there is a gradient of are the quantities of the forward pass, by the names it gives them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tracer.check_code.code_names import gradient_of, is_gradient
from tracer.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from tracer.debug.observation import ValuePath  # its NumPy is not needed to read names

CONTAINER: Final = lazy_regex(
    r"(?:d|g|G|[dg][A-Za-z]s?|dparams|delta|deltas|d_params|gradients?|grads?)$"
)
SHORT: Final = lazy_regex(r"(?:g|d|delta|grad|D|∂)_?(?P<of>\w+)$")


def base_name(path: ValuePath) -> str:
    """Return the last word of a path: that of the quantity or of its gradient."""
    return next((part for part in path.parts[::-1] if part.isidentifier()), path.parts[0])


def _index_keys(path: ValuePath) -> tuple[str, ...]:
    return tuple(part for part in path.parts[1:] if not part.isidentifier())


def _is_same_list(gradient: ValuePath, own: ValuePath) -> bool:
    """Tell whether the places of a gradient are those of quantities.

    A list of gradients is as long as theirs; one of objects, `self.inner[0].dW`, is itself.
    """
    gradients, quantities = (
        path.parts[path.parts.index(_index_keys(path)[0]) - 1] for path in (gradient, own)
    )
    is_of_objects = gradient.parts[-1].isidentifier() and not gradient.text.endswith("]")
    return not is_of_objects or gradients == quantities


def gradient_word(path: ValuePath, known: frozenset[str]) -> str | None:
    """Return the word of the quantity whose gradient a path holds, by its words; None for none."""
    word = base_name(path)
    others = [part for part in path.parts if part.isidentifier() and part != word]
    of = word_gradient(word, known)
    if (
        not of
        and word in known
        and any(CONTAINER.match(part) or is_gradient(part) for part in others)
    ):
        return word
    return of


def word_gradient(word: str, known: frozenset[str]) -> str | None:
    """Return the name whose gradient a name holds: `dW1`, `g_h`, `delta2`; None for none.

    It may leave out what joins the parts of that name, `dwh` of w_h, and be a list of several: the
    gradients `dWs` of what has the key "W" in each of some layers.
    """
    found, match = gradient_of(word, known), SHORT.match(word)
    if found or match is None:
        return found or None
    of = match["of"]
    joined = [of] if of in known else [name for name in known if name.replace("_", "") == of]
    joined = joined or [name for name in known if f"{name}s" == of]
    return joined[0] if len(joined) == 1 else None


def is_unnamed_gradient(path: ValuePath, known: frozenset[str]) -> bool:
    """Tell whether a path says that it holds a gradient, but not of what: `grad`, `weight.grad`.

    An attribute may have been there before its gradient.
    """
    word = base_name(path)
    return (word not in known or len(path.parts) > 1) and gradient_of(word, known) == ""


class GradientNames:
    """The quantities of a forward pass by the words that their gradients have."""

    def __init__(self, quantities: Mapping[str, ValuePath]) -> None:
        self._by_word: dict[str, list[tuple[ValuePath, str]]] = defaultdict(list)
        self._by_owner: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, path in quantities.items():
            self._by_word[base_name(path)].append((path, name))
            self._by_owner[path.parts[:-1]].append(name)
        self.known = frozenset(self._by_word)

    def quantities(self, path: ValuePath, *, is_in_order: bool = True) -> list[str]:
        """Return the quantities of which a path may hold the gradient, in the forward order.

        `is_in_order`: an index of a list is that of the quantity.
        """
        of = gradient_word(path, self.known)
        if of is None or of not in self._by_word:
            return self._beside(path)
        owners = self._by_word[of]
        keys = _index_keys(path)
        same = [
            name
            for own, name in owners
            if is_in_order and keys and _index_keys(own) == keys and _is_same_list(path, own)
        ]
        beside = [  # dW["h"] is that of W["h"], also where there is a b["h"]
            name
            for own, name in owners
            if any(word_gradient(part, frozenset(own.parts[:-1])) for part in path.parts[:-1])
        ]
        return same or beside or [name for _, name in owners]

    def _beside(self, path: ValuePath) -> list[str]:
        """Return what an object holds beside a gradient without a name: `weight.data`."""
        names = self._by_owner.get(path.parts[:-1], [])
        is_gradient_of_it = len(path.parts) > 1 and is_unnamed_gradient(path, self.known)
        return names if is_gradient_of_it and len(names) == 1 else []
