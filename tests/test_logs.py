"""What a log line says of an error: where it came from, and never what its frames held."""

import io
import logging

import pytest

from server import logs

SECRET = "postgresql://promessa:hunter2@db.internal/promessa"


def fail(database_url: str) -> None:
    """Fail with a secret in a local variable."""
    raise RuntimeError(f"no answer within {len(database_url)} s")


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "json"])
def test_a_traceback_names_the_place_and_no_local_variable(as_text: bool) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter(as_text))
    logger = logging.Logger("tested")
    logger.addHandler(handler)
    try:
        fail(SECRET)
    except RuntimeError:
        logger.exception("could not connect")
    assert "could not connect" in written.getvalue()
    assert "in fail" in written.getvalue() or '"name":"fail"' in written.getvalue().replace(" ", "")
    assert "hunter2" not in written.getvalue()


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "json"])
def test_a_link_to_a_photo_is_written_without_its_token(as_text: bool) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter(as_text))
    logger = logging.Logger("tested")
    logger.addHandler(handler)
    path = "/v1/objects/aGVsbG8.c2VjcmV0"
    logger.info("%s %s %d", "GET", path, 200, extra={"path": path})
    assert written.getvalue().count("/v1/objects/…") + written.getvalue().count("\\u2026") == 2
    assert "c2VjcmV0" not in written.getvalue()
