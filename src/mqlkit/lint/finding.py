"""What lint has found wrong with a definition, and how to mend it."""

from typing import Final, Literal, TypeAlias

import attrs

Severity: TypeAlias = Literal["error", "warning", "hint"]

ORDER: Final[tuple[Severity, ...]] = ("error", "warning", "hint")
"""The gravest first."""


@attrs.frozen
class Finding:
    """
    One thing that is wrong with a definition.

    Args:
        severity: An ``error`` can never be meant; a ``warning`` is something that never works as
            it is written; a ``hint`` is worth a look.
        code: Which check found it, such as ``never-awarded``.
        path: Where, such as ``card.groups 'fit' / rule 'size'``.
        message: What is wrong, and how to mend it.

    >>> print(Finding("hint", "band-gap", "card / rule 'size'", "no band holds 10"))
    hint: card / rule 'size': no band holds 10 [band-gap]
    """

    severity: Severity
    code: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message} [{self.code}]"
