"""The reasons of the table's rows, by operation: a module for each kind.

In each the conditions on a use come first, then what is said where they hold. A condition that
needs numbers does not hold where there are too many of them, so nothing is claimed that was not
looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.operations.reason import Reason
from tracer.operations.reasons import (
    arithmetic_reasons,
    arrangement_reasons,
    elementwise_reasons,
    layer_reasons,
    loss_reasons,
    product_reasons,
    reduction_reasons,
)

__all__ = ["BACKWARD", "FORWARD"]

BACKWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    **arithmetic_reasons.BACKWARD,
    **elementwise_reasons.BACKWARD,
    **product_reasons.BACKWARD,
    **reduction_reasons.BACKWARD,
    **loss_reasons.BACKWARD,
    **arrangement_reasons.BACKWARD,
    **layer_reasons.BACKWARD,
}
"""Why the gradient of an operation's operands is as it is."""

FORWARD: Final[Mapping[str, tuple[Reason, ...]]] = {
    **arithmetic_reasons.FORWARD,
    **elementwise_reasons.FORWARD,
    **product_reasons.FORWARD,
    **reduction_reasons.FORWARD,
    **loss_reasons.FORWARD,
    **arrangement_reasons.FORWARD,
    **layer_reasons.FORWARD,
}
"""What an operation is for."""
