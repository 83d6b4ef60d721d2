import pytest

from hss_stub.config import load_hss_config
from scscf.errors import InputError


def test_a_store_is_beside_its_configuration_file(tmp_path):
    (tmp_path / "hss.yaml").write_text("store: sqlite:///hss.db\n")

    assert load_hss_config(tmp_path / "hss.yaml").store == tmp_path / "hss.db"
    assert load_hss_config(None, {"store": "memory"}).store is None


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///", "redis://127.0.0.1", "hss.db"])
def test_another_store_is_refused(tmp_path, text):
    (tmp_path / "hss.yaml").write_text(f"store: {text}\n")

    with pytest.raises(InputError, match="must be memory or sqlite:///FILE"):
        load_hss_config(tmp_path / "hss.yaml")
