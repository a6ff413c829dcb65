"""The code that docs/webhooks.md gives to receivers verifies what we sign, and nothing else."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.notifier.core.retry import SCHEDULE
from shared.clock import SystemClock
from shared.domain import signing
from shared.domain.notices import NoticeKind

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
OLD, NEW, OTHER = (signing.secret_from(letter * 32) for letter in (b"o", b"n", b"x"))
BODY = '{"type":"change.detected","data":{"text":"déjà vu"}}'.encode()

Verify = Callable[[str, dict[str, str], bytes], Any]
"""The event, or None where the code refused the request."""


def code(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def by_python(secret: str, headers: dict[str, str], body: bytes) -> Any:
    namespace: dict[str, Any] = {}
    exec(code("python"), namespace)  # the page's own code, which is ours
    try:
        return namespace["verify"](secret, headers, body)
    except ValueError:
        return None


_CALL = """
const { secret, headers, body } = JSON.parse(process.argv[2]);
let event = null;
try {
  event = verify(secret, headers, Buffer.from(body, "base64"));
} catch (error) {
  if (error.constructor !== Error) throw error;
}
console.log(JSON.stringify(event));
"""


def by_javascript(folder: Path) -> Verify:
    script = folder / "verify.mjs"
    script.write_text(code("javascript") + _CALL, "utf-8")

    def verify(secret: str, headers: dict[str, str], body: bytes) -> Any:
        request = json.dumps({"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()})
        ran = subprocess.run(["node", str(script), request], capture_output=True, text=True, timeout=60, check=True)
        return json.loads(ran.stdout)

    return verify


@pytest.fixture(params=["python", "javascript"])
def verify(request: pytest.FixtureRequest, tmp_path: Path) -> Verify:
    if request.param == "python":
        return by_python
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the JavaScript of docs/webhooks.md was not run")
    return by_javascript(tmp_path)


def headers(*secrets: str, age_s: int = 0) -> dict[str, str]:
    return dict(signing.headers("dlv_1", int(SystemClock().now().timestamp()) - age_s, BODY, secrets))


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
def test_what_we_sign_verifies_by_either_secret_of_a_rotation(verify: Verify, secret: str) -> None:
    assert verify(secret, headers(NEW, OLD), BODY) == json.loads(BODY)


@pytest.mark.parametrize(
    ("secret", "changed", "body"),
    [
        (OTHER, {}, BODY),
        (NEW, {}, BODY.replace(b"vu", b"lu")),
        (NEW, {"webhook-id": "dlv_2"}, BODY),
        (NEW, headers(NEW, age_s=600) | {"webhook-id": "dlv_1"}, BODY),
        (NEW, headers(NEW, age_s=-600), BODY),
        (NEW, {"webhook-timestamp": "soon"}, BODY),
        (NEW, {"webhook-signature": ""}, BODY),
        (NEW, {"webhook-signature": "v1,"}, BODY),
        (NEW, {"webhook-signature": headers(NEW)["webhook-signature"].replace("v1,", "v2,")}, BODY),
    ],
    ids=["secret", "body", "id", "old", "early", "no time", "no signature", "empty signature", "another version"],
)
def test_anything_else_is_refused(verify: Verify, secret: str, changed: dict[str, str], body: bytes) -> None:
    assert verify(secret, headers(NEW, OLD) | changed, body) is None


def test_the_page_names_every_type_that_webhooks_get() -> None:
    unasked = {
        NoticeKind.ENDPOINT_INCIDENT,
        NoticeKind.QUOTA,
        NoticeKind.PLAN,
        NoticeKind.ENDPOINT_CONFIRMATION,
        NoticeKind.SIGN_IN,
    }
    told = set(NoticeKind) - unasked
    assert {kind for kind in told if f"| `{kind.value}` |" in PAGE} == told


def test_the_page_gives_the_schedule() -> None:
    def words(seconds: float) -> str:
        size, unit = (3600, "h") if seconds >= 3600 else (60, "min") if seconds >= 60 else (1, "s")
        return f"{seconds / size:g} {unit}"

    waits = [words(wait.total_seconds()) for wait in SCHEDULE[1:]]
    assert f"at once, then {', '.join(waits[:-1])} and {waits[-1]} after" in " ".join(PAGE.split())
