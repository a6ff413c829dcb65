"""The sample platform: what changes at every request, what does not, and the show."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.cli.sample.platform import DOCUMENTS, REVISIONS, NoTexts, RunningSite, SamplePlatform
from services.cli.sample.show import SHOW, Step, perform, run_show

NOISY = [document for document in DOCUMENTS if not document.stable]
STABLE = next(document for document in DOCUMENTS if document.stable)


@pytest.fixture
def platform() -> SamplePlatform:
    return SamplePlatform(seed=7)


@pytest.fixture
def client(platform: SamplePlatform) -> Iterator[httpx.Client]:
    site = RunningSite(platform.answer)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", trust_env=False) as client:
            yield client
    finally:
        site.close()


def body_of(platform: SamplePlatform, path: str) -> str:
    status, _, body = platform.answer(path, None)
    assert status == 200
    return body.decode()


def fragment_of(page: str) -> str:
    return page.partition("<main><article>")[2].partition("</article></main>")[0]


@pytest.mark.parametrize("document", NOISY, ids=lambda document: document.slug)
def test_a_page_differs_at_every_request_and_its_document_does_not(platform: SamplePlatform, document) -> None:
    pages = [body_of(platform, document.path) for _ in range(5)]
    assert len(set(pages)) == 5
    assert len({fragment_of(page) for page in pages}) == 1


def test_the_cookie_banner_comes_and_goes(platform: SamplePlatform) -> None:
    pages = [body_of(platform, NOISY[0].path) for _ in range(20)]
    assert 0 < sum("cookie-banner" in page for page in pages) < 20


def test_the_stable_document_is_not_sent_twice(client: httpx.Client, platform: SamplePlatform) -> None:
    first = client.get(STABLE.path)
    again = client.get(STABLE.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    platform.publish(STABLE.slug, 2)
    later = client.get(STABLE.path, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.content != first.content


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.slug)
def test_every_revision_is_another_text(platform: SamplePlatform, document) -> None:
    texts = set()
    for revision in range(1, REVISIONS + 1):
        platform.publish(document.slug, revision)
        texts.add(fragment_of(body_of(platform, document.path)))
    assert len(texts) == REVISIONS


@pytest.mark.parametrize(("slug", "revision"), [("terms", 0), ("terms", REVISIONS + 1), ("imprint", 1)])
def test_only_what_there_is_can_be_published(platform: SamplePlatform, slug: str, revision: int) -> None:
    with pytest.raises(KeyError):
        platform.publish(slug, revision)


def test_an_error_page_comes_with_status_200_until_it_is_mended(platform: SamplePlatform) -> None:
    before = fragment_of(body_of(platform, "/legal/privacy"))
    platform.show_error("privacy", True)
    assert "available right now" in fragment_of(body_of(platform, "/legal/privacy"))
    assert "available right now" not in fragment_of(body_of(platform, "/legal/terms"))
    platform.show_error("privacy", False)
    assert fragment_of(body_of(platform, "/legal/privacy")) == before


def test_a_flap_is_seen_once(platform: SamplePlatform) -> None:
    before = fragment_of(body_of(platform, "/legal/terms"))
    platform.flap_once("terms")
    flapped, after = (fragment_of(body_of(platform, "/legal/terms")) for _ in range(2))
    assert flapped != before
    assert after == before


def test_requests_are_counted_by_path(client: httpx.Client, platform: SamplePlatform) -> None:
    for path in ("/legal/terms", "/legal/terms?visit=1", "/legal/privacy"):
        client.get(path)
    assert [platform.requests(path) for path in ("/legal/terms", "/legal/privacy", "/")] == [2, 1, 0]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/robots.txt", 200, "User-agent: *"), ("/", 200, "Privacy Policy"), ("/nowhere", 404, "nothing here")],
)
def test_the_rest_of_the_site(client: httpx.Client, path: str, status: int, words: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert words in answer.text


def test_missing_texts_are_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NoTexts, match=r"terms\.1\.html cannot be read .*; start with --no-sample"):
        SamplePlatform(tmp_path)


def test_the_show_is_in_order_mends_what_it_breaks_and_ends_with_the_last_revisions(platform: SamplePlatform) -> None:
    assert [step.at_s for step in SHOW] == sorted(step.at_s for step in SHOW)
    assert {"publish", "break", "mend", "flap"} == {step.action for step in SHOW}
    for step in SHOW:
        perform(platform, step)
    shown = {document.slug: [body_of(platform, document.path) for _ in range(2)][1] for document in DOCUMENTS}
    ended = SamplePlatform(seed=7)
    for document in DOCUMENTS:
        ended.publish(document.slug, REVISIONS)
        assert fragment_of(shown[document.slug]) == fragment_of(body_of(ended, document.path))


def test_the_show_begins_once_everything_was_looked_at_twice(platform: SamplePlatform) -> None:
    stop = threading.Event()
    before = fragment_of(body_of(platform, "/legal/terms"))
    playing = threading.Thread(target=run_show, args=(platform, stop, [Step(0, "publish", "terms", 2)]))
    playing.start()
    for document in DOCUMENTS:
        for _ in range(2):
            platform.answer(document.path, None)
    playing.join(timeout=10)
    assert not playing.is_alive()
    assert fragment_of(body_of(platform, "/legal/terms")) != before


def test_the_show_ends_when_told_to(platform: SamplePlatform) -> None:
    stop = threading.Event()
    stop.set()
    run_show(platform, stop)
    assert platform.requests("/legal/terms") == 0
