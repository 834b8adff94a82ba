"""Independent proofs of the gradients that source-to-source differentiation writes.

SymPy's calculus, complex steps and central differences judge the same numbers. They know the
elementary functions and the operations' element forms and definitions; of the operations'
derivatives and code they know nothing. Loads SymPy: import it only where something is proved.
"""

from __future__ import annotations

from tracer.witness.tape import Kink
from tracer.witness.verification import (
    SkippedWitness,
    Verdict,
    Witness,
    WorstEntry,
    examine_gradients,
)

__all__ = ["Kink", "SkippedWitness", "Verdict", "Witness", "WorstEntry", "examine_gradients"]
