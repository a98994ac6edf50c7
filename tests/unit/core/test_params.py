"""Parameters of the core as text."""

from sidecar.core.params import HmacParams
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import router


def test_no_text_about_parameters_has_a_secret() -> None:
    params = router(password=b"the word", hmac=HmacParams((HmacKey(1, b"the key, which is of 32 bytes..."),)))
    assert "vrid=51" in repr(params)
    assert "the word" not in repr(params)
    assert "the key" not in repr(params)
