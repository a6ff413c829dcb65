"""`clausewatch up`: the whole system on this machine, under one supervisor."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from services.cli.embedded.broker import Broker, NoBroker, choose_broker
from services.cli.embedded.ports import kept_port
from services.cli.embedded.processes import Child
from services.cli.embedded.story import Story
from services.cli.embedded.supervisor import AlreadyRunning, Supervisor
from services.cli.errors import Failure, UsageError
from services.cli.sample.kept import Sample, load_sample, sample_file
from services.cli.sample.serve import ENVIRONMENT
from shared.settings import Settings, SettingsError, load_settings

SERVICES = ("scheduler", "fetcher", "differ", "notifier", "api")
_WORD_WIDTH = 10
_SHOW = "Its terms will change several times in the next minute"


def up(
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Leave out the sample platform.")] = False,
) -> None:
    """Start the broker and all services, and tell what happens. Ctrl-C stops everything."""
    console = Console(highlight=False)
    os.umask(0o077)  # addresses and webhook URLs are nobody else's business
    os.environ["MALLOC_ARENA_MAX"] = "2"  # glibc keeps one for every thread otherwise, for nothing
    settings = _settings()
    broker = _broker(settings)
    with _working(console, "preparing the data folder"):
        _prepare(settings, with_sample=not no_sample)
    if settings.data.stat().st_mode & 0o077:
        console.print(f"others on this machine can look into {settings.data}: `chmod 700 {settings.data}` ends that")
    sample = None if no_sample else load_sample(sample_file(settings.data))
    port = settings.api_port if "api_port" in settings.model_fields_set else kept_port(settings.data, settings.api_port)
    pages = settings.public_url or f"http://127.0.0.1:{port}"
    environment = {
        **_environment(settings, broker, sample),
        "CLAUSEWATCH_API_PORT": str(port),
        "CLAUSEWATCH_PUBLIC_URL": pages,
    }
    children = [
        _service(name, settings, {**environment, **_probe_port(settings, place)}) for place, name in enumerate(SERVICES)
    ]
    if sample:
        file = sample_file(settings.data)
        served = {**environment, ENVIRONMENT: str(file)}
        site = Child("sample", words=("sample",), env=served, ready_port=sample.site_port)
        children.insert(0, site)
    supervisor = Supervisor(
        settings.data,
        broker,
        children,
        lambda told: _tell(console, told),
        lambda: _greet(console, settings, sample, pages),
    )
    try:
        status = supervisor.run()
    except (AlreadyRunning, NoBroker) as error:
        raise Failure(str(error)) from None
    console.print("stopped; `clausewatch up` finds everything again" if status == 0 else "stopped after an error")
    raise typer.Exit(status)


def _broker(settings: Settings) -> Broker:
    try:
        return choose_broker(settings.redis_url, settings.data)
    except NoBroker as error:
        raise Failure(str(error)) from None


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from None


def _prepare(settings: Settings, *, with_sample: bool) -> None:
    """Migrate and set up in a process that ends: what it takes to do that need not stay in memory."""
    argv = [*_command("prepare"), *(["--sample"] if with_sample else [])]
    environment = {**os.environ, "CLAUSEWATCH_DATA": str(settings.data.absolute())}
    status = subprocess.run(argv, env=environment, check=False).returncode
    if status:
        raise Failure("the data folder could not be prepared; nothing was started")


def _environment(settings: Settings, broker: Broker, sample: Sample | None) -> Mapping[str, str]:
    environment = {
        "CLAUSEWATCH_DATA": str(settings.data.absolute()),
        "REDIS_URL": broker.url,
        "PYTHONUNBUFFERED": "1",
        "CLAUSEWATCH_DIFFER_CONCURRENCY": str(_differs(settings)),
    }
    if sample:
        environment |= {
            "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
            "CLAUSEWATCH_LOOPBACK_PORTS": f"{sample.site_port},{sample.receiver_port}",
            "CLAUSEWATCH_DELAY_EXEMPT_HOSTS": ",".join({"localhost", *settings.delay_exempt_hosts}),
        }
    return environment


def _probe_port(settings: Settings, place: int) -> Mapping[str, str]:
    """A port of its own for each process, where ports were asked for: the given one and those after it."""
    if settings.metrics_port is None:
        return {}
    return {"CLAUSEWATCH_METRICS_PORT": str(settings.metrics_port + place)}


def _differs(settings: Settings) -> int:
    """A differ process for every second core, unless it was said how many: on one machine the others need some too."""
    if "differ_concurrency" in settings.model_fields_set:
        return settings.differ_concurrency
    return max(1, min(settings.differ_concurrency, (os.cpu_count() or 1) // 2))


def _service(name: str, settings: Settings, environment: Mapping[str, str]) -> Child:
    """Forked, unless it is to be measured: prometheus_client has to be told before its import that children count."""
    words = ("worker", name) if name in {"fetcher", "differ", "notifier"} else (name,)
    if settings.metrics_port is None:
        return Child(name, words=words, env=environment)
    return Child(name, _command(*words), env=environment)


def _command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "services.cli", *words)


def _greet(console: Console, settings: Settings, sample: Sample | None, pages: str) -> None:
    console.print(Text.assemble(("clausewatch is running", "bold"), f", its data in {settings.data.absolute()}"))
    console.print(f"pages             {pages}/")
    if link := _sign_in_link(settings, pages):
        console.print(f"sign in           {link} (once)", soft_wrap=True)
    if sample:
        console.print(f"sample platform   http://lumenforge.localhost:{sample.site_port}/")
        console.print(f"sample mailbox    {settings.data.absolute() / 'outbox'}")
        what = "Its terms have been changed; nothing new is coming" if sample.shown else _SHOW
        console.print(f"{what}. Ctrl-C stops everything.\n")
    else:
        console.print("watch something: .venv/bin/clausewatch catalogue list\n")


def _sign_in_link(settings: Settings, pages: str) -> str:
    """Lets whoever started it in, by a process that ends; none where it was asked for too often within the hour."""
    environment = {
        **os.environ,
        "CLAUSEWATCH_DATA": str(settings.data.absolute()),
        "CLAUSEWATCH_PUBLIC_URL": pages,
    }
    made = subprocess.run(_command("members", "link"), env=environment, check=False, capture_output=True, text=True)
    return made.stdout.strip()


def _tell(console: Console, told: Story) -> None:
    console.print(Text.assemble((f"{told.word:>{_WORD_WIDTH}}  ", told.style), told.text), soft_wrap=True)


@contextmanager
def _working(console: Console, what: str) -> Iterator[None]:
    if console.is_terminal:
        with console.status(f"{what} …"):
            yield
    else:
        console.print(f"{what} …")
        yield


__all__ = ["SERVICES", "up"]
