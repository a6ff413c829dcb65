"""`clausewatch catalogue …`: what could be watched, and declarations that others have written."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say, show_table
from services.cli.watch import usable_url
from services.fetcher.core.catalogue import (
    CatalogueEntry,
    UnknownPlatform,
    documents_of,
    load_catalogue,
    parse_declarations,
)
from shared.db.sources import NewDocument, Sources
from shared.domain.documents import Declaration

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Find platforms to watch, or import declarations.",
)

_DECLARATIONS = "declarations"
_SUFFIXES = (".json", ".js")
_LARGEST = 10_000_000


@app.command("list")
def list_catalogue(
    platform: Annotated[str | None, typer.Argument(metavar="PLATFORM", help="Show its documents.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the platforms of the catalogue, or the documents of one."""
    entries = _entries_of([platform]) if platform else list(load_catalogue())
    if as_json:
        print_json([entry.model_dump(mode="json", exclude_none=True) for entry in entries])
    elif platform:
        rows = [(entry.type, part.url) for entry in entries for part in entry.parts]
        show_table(("type", "read from"), rows, empty="")
    else:
        types: dict[str, list[str]] = {}
        for entry in entries:
            types.setdefault(entry.platform, []).append(entry.type)
        show_table(
            ("platform", "documents", "types"),
            [(name, str(len(kinds)), ", ".join(kinds)) for name, kinds in types.items()],
            empty="the catalogue is empty",
        )


@app.command()
def add(
    platforms: Annotated[list[str] | None, typer.Argument(metavar="PLATFORM", help="Their names.")] = None,
    every: Annotated[bool, typer.Option("--all", help="The whole catalogue.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch all documents of these platforms."""
    if bool(platforms) == every:
        raise UsageError("catalogue add: name PLATFORMs, or say --all")
    entries = list(load_catalogue()) if every else _entries_of(platforms or [])
    with open_installation() as opened:
        wanted = [_wanted(opened, entry.platform, entry.type, entry.declaration) for entry in entries]
        _watch(opened, wanted, as_json=as_json)


@app.command("import")
def import_declarations(
    source: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="Declarations of Open Terms Archive.")],
    as_json: AsJson = False,
) -> None:
    """Watch what declarations name: every document of them, or none."""
    files = _read(source)
    if not files:
        raise UsageError(f"catalogue import: {source} holds no declarations; name a file ID.json or a folder of them")
    result = parse_declarations(files)
    if not result.ok:
        for problem in result.problems:
            typer.echo(str(problem), err=True)
        count = len(result.problems)
        raise UsageError(f"catalogue import: nothing was imported; mend what is named above ({count}) and try again")
    with open_installation() as opened:
        wanted = [_wanted(opened, one.platform, one.type, one.declaration) for one in result.documents]
        _watch(opened, wanted, as_json=as_json, earlier=sum(len(one.earlier) for one in result.documents))
    for note in result.notes:
        typer.echo(note, err=True)


def _entries_of(platforms: Iterable[str]) -> list[CatalogueEntry]:
    entries = load_catalogue()
    try:
        return list(dict.fromkeys(entry for platform in platforms for entry in documents_of(platform, entries)))
    except UnknownPlatform as error:
        raise UsageError(f"catalogue: {error}") from None


def _wanted(opened: Opened, platform: str, kind: str, declaration: Declaration) -> NewDocument:
    settings = opened.settings
    for part in declaration.parts:
        usable_url(part.url, settings)
    return NewDocument(platform, kind, declaration, settings.confirm_after_s, settings.check_interval_min_s)


def _watch(opened: Opened, wanted: list[NewDocument], *, as_json: bool, earlier: int = 0) -> None:
    added = Sources(opened.database).watch(wanted, opened.clock.now())
    if as_json:
        print_json([{"id": document_id, "new": is_new} for document_id, is_new in added])
        return
    new = sum(is_new for _, is_new in added)
    platforms = len({one.platform for one in wanted})
    known = f", {len(added) - new} watched already" if new < len(added) else ""
    history = f"; {earlier} earlier declaration{'' if earlier == 1 else 's'} read" if earlier else ""
    of = f"{platforms} platform{'' if platforms == 1 else 's'}"
    say(f"watching {new} more document{'' if new == 1 else 's'} of {of}{known}{history}")


def _read(source: Path) -> dict[str, str]:
    """The texts of declaration files by path; those of a whole repository stand in its folder `declarations`."""
    if not source.exists():
        raise UsageError(f"catalogue import: there is no file or folder {source}")
    if source.is_file():
        stem = source.name.split(".")[0]
        files = [path for path in source.parent.iterdir() if path.name.split(".")[0] == stem]
    else:
        folder = source / _DECLARATIONS if (source / _DECLARATIONS).is_dir() else source
        files = list(folder.rglob("*"))
    return {str(path): _text(path) for path in sorted(files) if path.suffix in _SUFFIXES and path.is_file()}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(
                f"catalogue import: {path} is larger than {_LARGEST // 1_000_000} MB; it is no declaration"
            )
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"catalogue import: {path} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"catalogue import: {path} cannot be read: {error.strerror}") from None
