"""A clock that a test moves by hand."""

from datetime import timedelta

import pytest

from server import clock


class HandClock:
    """Time stands still, until `forward`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def forward(self, **span: float) -> None:
        """Move on by a timedelta's keywords."""
        self.moment += timedelta(**span)
