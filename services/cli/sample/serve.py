"""The sample's own process: the site, its show, and the receiver."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType

from services.cli.sample.kept import load_sample
from services.cli.sample.platform import DOCUMENTS, REVISIONS, RunningSite, SamplePlatform
from services.cli.sample.receiver import SampleReceiver
from services.cli.sample.show import run_show
from shared.logging import configure_logging

ENVIRONMENT = "CLAUSEWATCH_SAMPLE"
"""Names the file that `clausewatch up` keeps the sample's ports and secret in."""


def sample() -> None:
    """Serve the sample platform and receive its webhooks, until told to stop; `clausewatch up` starts this."""
    configure_logging(process="sample")
    file = Path(os.environ[ENVIRONMENT])
    settings = load_sample(file)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    platform = SamplePlatform()
    receiver = SampleReceiver(file.parent / "sample-received.jsonl", port=settings.receiver_port)
    receiver.secret = settings.secret
    site = RunningSite(platform.answer, settings.site_port)
    try:
        if settings.shown:
            for document in DOCUMENTS:
                platform.publish(document.slug, REVISIONS)
        else:
            run_show(platform, stop)
        stop.wait()
    finally:
        site.close()
        receiver.close()
