"""Lists of cases for `parametrize`: guards take what shows a behaviour once, proofs the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Any

import pytest

# Between them: numbers, a batch, matrices, time steps, attention, convolution.
CHOSEN = ("one_weight", "xor", "mlp_2_2_2", "rnn_step", "self_attention", "ngram_cnn")


def crossed(
    firsts: Iterable[object], seconds: Iterable[object], chosen: Sequence[object] = ()
) -> list[Any]:
    """Return all pairs: as many guards as the longer list has, and the others as proofs.

    Each case of both lists is in a guard; of the first list only those `chosen`, where some are.
    What depends on one of the two alone is caught by them; a mistake that needs just this pair is
    caught by the proofs.
    """
    first, second = list(firsts), list(seconds)
    rows = list(chosen) or first

    def is_guard(one: object, j: int) -> bool:
        return one in rows and (
            j == rows.index(one) % len(second) or rows.index(one) == j % len(rows)
        )

    return [
        pytest.param(
            one,
            other,
            id=f"{_label(one)}-{_label(other)}",
            marks=() if is_guard(one, j) else pytest.mark.proof,
        )
        for one, (j, other) in product(first, enumerate(second))
    ]


def sampled(scenarios: Iterable[str], chosen: Collection[str] = CHOSEN) -> list[Any]:
    """Return all scenarios: the chosen ones as guards, the others as proofs."""
    return [
        pytest.param(name, marks=() if name in chosen else pytest.mark.proof) for name in scenarios
    ]


def _label(case: object) -> str:
    words = case if isinstance(case, tuple) and not hasattr(case, "name") else (case,)
    return " ".join(str(getattr(word, "name", word)) for word in words)
