"""The bundled scenarios in groups, and how large one is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tracer.sentences import Sentence, say

if TYPE_CHECKING:
    from tracer.program.scenario import Scenario

__all__ = ["GROUPS", "length_words", "next_scenario", "size_words"]

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
        (
            "mlp_2_2_2",
            "xor",
            "no_activation",
            "deep_sigmoid",
            "batch_norm",
            "digit_mlp",
            "four_layer_classifier",
            "digit_cnn",
        ),
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


def next_scenario(name: str) -> str | None:
    """Return the bundled scenario that follows one; None after the last, and of a file."""
    names = [each for _, group in GROUPS for each in group]
    following = names.index(name) + 1 if name in names else len(names)
    return names[following] if following < len(names) else None


def size_words(scenario: Scenario) -> Sentence:
    """Return how many parameters a scenario has."""
    count = sum(math.prod(given.shape) for given in scenario.parameters.values())
    if count == 1:
        return say("1 parameter")
    return say("{count} parameters", count=f"{count:,}")


def length_words(scenario: Scenario) -> Sentence:
    """Return how long a scenario trains."""
    training = scenario.training
    if training is None:
        return say("No training: it only computes.")
    if training.epochs is not None:
        return say("Epochs: {number}.", number=training.epochs)
    return say("Iterations: {number}.", number=training.iterations or 1)
