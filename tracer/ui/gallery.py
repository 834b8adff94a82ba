"""The bundled scenarios in groups, and how large one is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tracer.narrative.messages import Sentence, say

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario

__all__ = ["GROUPS", "size_words"]

GROUPS: Final[tuple[tuple[Sentence, tuple[str, ...]], ...]] = (
    (
        say("First steps"),
        (
            "one_weight",
            "one_weight_all_samples",
            "one_weight_sum",
            "linear_regression",
            "neuron",
            "perceptron",
        ),
    ),
    (
        say("Layers"),
        ("mlp_2_2_2", "xor", "no_activation", "digit_mlp", "four_layer_classifier", "digit_cnn"),
    ),
    (
        say("Parts: activations, losses, optimizers"),
        (
            "activations",
            "softmax_example",
            "losses",
            "optimizers",
            "optimizers_side_by_side",
        ),
    ),
    (
        say("Sequences"),
        ("rnn_step", "rnn_language_model", "ngram_cnn", "seq2seq", "seq2seq_attention"),
    ),
    (
        say("Attention and Transformers"),
        (
            "self_attention",
            "cross_attention",
            "multi_head_attention",
            "position_wise_ffn",
            "position_wise_ffn_full",
            "gpt2_mlp",
            "gpt2_mlp_full",
            "transformer_block",
        ),
    ),
)


def size_words(scenario: Scenario) -> Sentence:
    """Return how many parameters a scenario has, and how long it trains."""
    count = sum(math.prod(given.shape) for given in scenario.parameters.values())
    training = scenario.training
    if training is None:
        return say("{count} parameters", count=f"{count:,}")
    if training.epochs is not None:
        return say(
            "{count} parameters, {epochs} epochs", count=f"{count:,}", epochs=training.epochs
        )
    return say(
        "{count} parameters, {number} iterations",
        count=f"{count:,}",
        number=training.iterations or 1,
    )
