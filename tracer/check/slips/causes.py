"""The slips that people make: what each is called, its kind, what to say of it, where it shows.

Ids are fixed: reports give them as `cause`. The table finds nothing itself; `mal_rules` finds the
slips of the source "formula" and "calculation", `digit_slips` those of "digits", the others are
found where figures are bound to quantities, figures are printed, names or code are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from tracer.check.model.finding import SlipKind
from tracer.frozen import Frozen

Source = Literal["formula", "calculation", "binding", "digits", "printing", "name"]
"""Where a slip shows: in another formula, in working out a right one, in whose value was put in,
in the digits of a figure, in how a result was rounded, in the name that stands beside it."""


class Slip(Frozen):
    """A slip. `words` is a message that says what went wrong and what belongs there.

    Its slots, which only slips of the source "binding" have: `name`, the quantity that belongs
    there, and `other`, the one whose value was written.
    """

    id: str
    kind: SlipKind
    words: str
    source: Source


_TABLE: Final = (
    Slip(
        "updated_for_old",
        "stale_value",
        "the updated {name} was used; the line needs the value before the update",
        "binding",
    ),
    Slip(
        "old_value_in_next_step",
        "stale_value",
        "{name} was already updated; the line needs the updated value",
        "binding",
    ),
    Slip(
        "gradient_after_first_update",
        "stale_value",
        "the gradient was taken with {name} already updated; all gradients of a step use the "
        "values before the update",
        "binding",
    ),
    Slip(
        "previous_gradient_again",
        "stale_value",
        "{name} of the previous step was used again; it must be computed again",
        "binding",
    ),
    Slip(
        "update_applied_twice",
        "stale_value",
        "the update was applied twice",
        "formula",
    ),
    Slip(
        "other_parameter",
        "wrong_substitution",
        "the value of {other} was put in where {name} belongs",
        "binding",
    ),
    Slip(
        "other_sample",
        "wrong_substitution",
        "{name} of another sample was put in",
        "binding",
    ),
    Slip(
        "other_index",
        "wrong_substitution",
        "{other} was put in where {name} belongs: another index",
        "binding",
    ),
    Slip(
        "only_one_sample",
        "wrong_substitution",
        "only one of several parts was counted; the sum needs all of them",
        "formula",
    ),
    Slip(
        "given_differs",
        "wrong_substitution",
        "{name} is given with another value",
        "binding",
    ),
    Slip(
        "loss_for_error",
        "wrong_substitution",
        "the loss was put in; the line needs the error, prediction minus target",
        "binding",
    ),
    Slip(
        "activation_for_net_input",
        "wrong_substitution",
        "the activation was put in; the line needs the net input, the value before the activation",
        "binding",
    ),
    Slip(
        "plus_for_minus",
        "sign_error",
        "the update adds the step; gradient descent subtracts it",
        "formula",
    ),
    Slip(
        "error_reversed",
        "sign_error",
        "the difference was taken the wrong way round; it must be prediction minus target",
        "formula",
    ),
    Slip(
        "difference_reversed",
        "sign_error",
        "the difference was taken the wrong way round",
        "binding",
    ),
    Slip(
        "minus_times_minus",
        "sign_error",
        "minus times minus was taken as minus; it is plus",
        "calculation",
    ),
    Slip(
        "negative_square",
        "sign_error",
        "the square of a negative number was kept negative; a square is never negative",
        "calculation",
    ),
    Slip("sign_lost", "sign_error", "a sign was lost or flipped", "digits"),
    Slip(
        "factor_2_left_out",
        "missing_factor_2",
        "the factor 2 from the derivative of the square was left out",
        "formula",
    ),
    Slip(
        "factor_2_added",
        "missing_factor_2",
        "a factor 2 was added; none belongs here",
        "formula",
    ),
    Slip("half_left_out", "missing_factor_2", "the ½ was left out", "formula"),
    Slip(
        "half_applied_twice",
        "missing_factor_2",
        "the ½ was applied twice",
        "formula",
    ),
    Slip(
        "sum_for_mean",
        "missing_1_over_n",
        "the sum was used in place of the mean; the division by the number of samples is missing",
        "formula",
    ),
    Slip(
        "divided_twice",
        "missing_1_over_n",
        "the sum was divided by the number of samples twice",
        "formula",
    ),
    Slip(
        "multiplied_by_n",
        "missing_1_over_n",
        "the sum was multiplied by the number of samples; it has to be divided by it",
        "formula",
    ),
    Slip(
        "inner_derivative_left_out",
        "wrong_formula",
        "a factor of the chain rule was left out",
        "formula",
    ),
    Slip(
        "activation_derivative_left_out",
        "wrong_formula",
        "the derivative of the activation was left out",
        "formula",
    ),
    Slip(
        "activation_derivative_at_output",
        "wrong_formula",
        "the derivative of the activation was taken at its output; it belongs at the net input",
        "formula",
    ),
    Slip(
        "chain_factors_added",
        "wrong_formula",
        "the factors of the chain rule were added; they have to be multiplied",
        "formula",
    ),
    Slip(
        "paths_multiplied",
        "wrong_formula",
        "the contributions of the paths were multiplied; they have to be added",
        "formula",
    ),
    Slip(
        "path_left_out",
        "wrong_formula",
        "a term of the sum was left out; all of them have to be added",
        "formula",
    ),
    Slip(
        "learning_rate_left_out",
        "wrong_formula",
        "the learning rate was left out of the update",
        "formula",
    ),
    Slip(
        "learning_rate_times_weight",
        "wrong_formula",
        "the weight was multiplied by the learning rate too; only the gradient is",
        "formula",
    ),
    Slip(
        "exponent_sign",
        "wrong_formula",
        "the exponent has the wrong sign",
        "formula",
    ),
    Slip(
        "log_base",
        "wrong_formula",
        "the logarithm has the wrong base; the natural logarithm belongs here",
        "formula",
    ),
    Slip(
        "softmax_not_divided",
        "wrong_formula",
        "the exponential was not divided by the sum of all exponentials",
        "formula",
    ),
    Slip(
        "extra_activation_derivative",
        "wrong_formula",
        "the derivative of the activation was applied once more; with cross-entropy it has "
        "already cancelled",
        "formula",
    ),
    Slip(
        "bias_correction_left_out",
        "wrong_formula",
        "the running means were used without bias correction",
        "formula",
    ),
    Slip(
        "epsilon_inside_root",
        "wrong_formula",
        "epsilon is on the wrong side of the root",
        "formula",
    ),
    Slip("betas_swapped", "wrong_formula", "beta and 1 - beta were swapped", "formula"),
    Slip(
        "root_d_left_out",
        "wrong_formula",
        "the division by the square root was left out",
        "formula",
    ),
    Slip(
        "relu_gate_ignored",
        "wrong_formula",
        "the input is negative: there a ReLU is 0, and so is its slope",
        "formula",
    ),
    Slip(
        "other_operation",
        "wrong_formula",
        "one operation was written for another",
        "binding",
    ),
    Slip("bias_left_out", "wrong_formula", "the bias was left out", "formula"),
    Slip("bias_added_twice", "wrong_formula", "the bias was added twice", "formula"),
    Slip(
        "exponent_kept",
        "wrong_formula",
        "the exponent was kept; the derivative of a power has an exponent one lower",
        "formula",
    ),
    Slip("square_left_out", "wrong_formula", "the square was left out", "formula"),
    Slip("root_left_out", "wrong_formula", "the square root was left out", "formula"),
    Slip(
        "transpose_left_out",
        "transpose_shape",
        "the transpose was left out",
        "formula",
    ),
    Slip(
        "wrong_layout",
        "transpose_shape",
        "rows and columns were swapped",
        "formula",
    ),
    Slip(
        "wrong_shape",
        "transpose_shape",
        "the result has another shape",
        "binding",
    ),
    Slip(
        "order_of_operations",
        "arithmetic_error",
        "the operations were done in the wrong order",
        "calculation",
    ),
    Slip(
        "power_as_product",
        "arithmetic_error",
        "the base was multiplied by the exponent; a power multiplies the base by itself",
        "calculation",
    ),
    Slip("digits_swapped", "arithmetic_error", "two digits were swapped", "digits"),
    Slip("digit_miscopied", "arithmetic_error", "a digit was copied wrongly", "digits"),
    Slip("decimal_point", "arithmetic_error", "the decimal point is misplaced", "digits"),
    Slip("plain_slip", "arithmetic_error", "the figure was miscalculated", "calculation"),
    Slip("chopped", "rounding", "the figure was cut off; it has to be rounded", "printing"),
    Slip("last_digit", "rounding", "the last digit is off by one", "printing"),
    Slip(
        "digits_beyond_operands",
        "rounding",
        "the figure has more digits than its operands allow",
        "printing",
    ),
    Slip("rounded_too_early", "rounding", "a figure was rounded before the last step", "printing"),
    Slip(
        "other_name_on_left",
        "label_error",
        "the name beside the figure is that of another quantity",
        "name",
    ),
    Slip(
        "other_index_on_left",
        "label_error",
        "the index beside the figure is that of another quantity",
        "name",
    ),
    Slip("print_label", "label_error", "the printed label names another quantity", "name"),
    Slip(
        "carried_forward",
        "carried_forward",
        "the arithmetic is right; it begins with a figure that was already wrong",
        "binding",
    ),
)

SLIPS: Final[Mapping[str, Slip]] = MappingProxyType({slip.id: slip for slip in _TABLE})
"""All slips by id."""
