"""Secrets at rest."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.secrets import SecretBox, Unsealable, secret_box
from shared.settings import Settings, load_settings


def test_what_is_sealed_opens_and_cannot_be_read() -> None:
    box = SecretBox(["a long key"])
    sealed = box.seal("whsec_abc")
    assert "whsec" not in sealed
    assert sealed != box.seal("whsec_abc")
    assert box.open(sealed) == "whsec_abc"


def test_an_old_key_still_opens_and_a_foreign_one_does_not() -> None:
    sealed = SecretBox(["old"]).seal("whsec_abc")
    assert SecretBox(["new", "old"]).open(sealed) == "whsec_abc"
    with pytest.raises(Unsealable):
        SecretBox(["new"]).open(sealed)


@pytest.mark.parametrize("keys", [[], [""], ["good", ""]])
def test_a_box_needs_keys(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        SecretBox(keys)


def test_links_are_proven_by_purpose_and_subject() -> None:
    box = SecretBox(["a long key"])
    assert box.link_token("unsubscribe", "ep_1") == SecretBox(["a long key"]).link_token("unsubscribe", "ep_1")
    tokens = {box.link_token("unsubscribe", "ep_1"), box.link_token("unsubscribe", "ep_2"), box.link_token("x", "ep_1")}
    assert len(tokens) == 3


@pytest.mark.parametrize(
    ("token", "is_ours"),
    [
        pytest.param(SecretBox(["new"]).link_token("unsubscribe", "ep_1"), True, id="made now"),
        pytest.param(SecretBox(["old"]).link_token("unsubscribe", "ep_1"), True, id="made with a retired key"),
        pytest.param(SecretBox(["other"]).link_token("unsubscribe", "ep_1"), False, id="made elsewhere"),
        pytest.param(SecretBox(["new"]).link_token("unsubscribe", "ep_2"), False, id="another subject's"),
        pytest.param(SecretBox(["new"]).link_token("confirm", "ep_1"), False, id="for another purpose"),
        pytest.param(SecretBox(["new"]).link_token("unsubscribe", "ep_1")[:-1], False, id="cut"),
        pytest.param("", False, id="empty"),
        pytest.param("é" * 16, False, id="not ASCII"),
    ],
)
def test_a_token_is_known_again_by_any_key(token: str, is_ours: bool) -> None:
    assert SecretBox(["new", "old"]).proves(token, "unsubscribe", "ep_1") is is_ours


def test_without_a_key_the_data_folder_keeps_one_for_all_processes(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        boxes = list(pool.map(lambda _: secret_box(settings), range(16)))
    sealed = boxes[0].seal("whsec_abc")
    assert {box.open(sealed) for box in boxes} == {"whsec_abc"}
    file = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_a_retired_key_still_opens_and_comes_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "retired").write_text("older" * 8 + "\n" + "old" * 12 + "\n")
    monkeypatch.setenv("CLAUSEWATCH_RETIRED_SECRET_KEYS_FILE", str(tmp_path / "retired"))
    monkeypatch.setenv("CLAUSEWATCH_SECRET_KEY", "new" * 12)
    box = secret_box(load_settings())

    assert [box.open(SecretBox([key]).seal("x")) for key in ("older" * 8, "old" * 12)] == ["x", "x"]
    with pytest.raises(Unsealable):
        SecretBox(["old" * 12]).open(box.seal("x"))


def test_the_key_of_the_settings_counts(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret_key=SecretStr("k" * 32))
    assert secret_box(settings).open(SecretBox(["k" * 32]).seal("x")) == "x"
    assert list(tmp_path.iterdir()) == []
