"""NumPy, loaded when something of it is first used: a program of single numbers does without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["NDArray", "np"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    NDArray = list  # stands in annotations alone

    class _LazyNumPy:
        """Becomes NumPy, name by name, as they are asked for."""

        def __getattr__(self, name: str) -> Any:
            import numpy

            setattr(self, name, getattr(numpy, name))
            return getattr(numpy, name)

    np = _LazyNumPy()
