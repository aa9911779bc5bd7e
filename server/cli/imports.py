"""`promessa import`: bring what a brand has in files into its programme."""

import csv
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from server import config, db
from server.domain.actor import operator
from server.domain.csv_text import DELIMITERS, ENCODINGS
from server.domain.spreadsheets import as_text
from server.domain.store_import import Remark
from server.errors import Problem
from server.services import store_imports
from server.services.store_imports import Options, StoreImport

_SHOWN = 20
_SOME_REFUSED = 1
_UNUSABLE = 2


@click.group("import")
def imports() -> None:
    """Import a brand's data from files."""


@imports.command("stores")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "brand_id", required=True, metavar="ID", help="The brand's id.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN,…",
    help="Columns that are not guessed right: code='Store Number', code=country+name to join two, "
    "region='Country>State' to find or make regions, field= to leave one out.",
)
@click.option(
    "--default",
    multiple=True,
    metavar="FIELD=VALUE,…",
    help="Where the file says nothing: country=IT, ownership=franchise …",
)
@click.option("--encoding", type=click.Choice(ENCODINGS), help="Guessed if absent.")
@click.option("--delimiter", type=click.Choice(DELIMITERS), help="Guessed if absent.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be.")
@click.option(
    "--refusals",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE.csv",
    help="Write every refusal and warning into this file.",
)
@click.pass_context
def import_stores(
    context: click.Context,
    file: Path,
    brand_id: str,
    mapping: tuple[str, ...],
    default: tuple[str, ...],
    encoding: str | None,
    delimiter: str | None,
    dry_run: bool,
    refusals: Path | None,
) -> None:
    """Create or change a store for each row of the CSV FILE, by its code.

    Encoding, delimiter and columns are guessed. All rows that can be imported are, in one
    transaction; the others are listed with line and reason.

    Exit status: 0 if every row was imported, 1 if some were refused, 2 if the file, an option or
    the brand cannot be used at all and nothing was imported.
    """
    options = Options(mapping, default, encoding, delimiter, dry_run)
    console = Console()
    if db.database.obj is None:
        db.initialize(config.settings().database_url)
    try:
        with db.connected():
            report = _run(console, file, brand_id, options)
    except Problem as problem:
        click.echo(_told(problem), err=True)
        context.exit(_UNUSABLE)
    _show(console, report)
    if refusals is not None:
        _write(refusals, report)
    context.exit(_SOME_REFUSED if report.refused else 0)


def _run(console: Console, file: Path, brand_id: str, options: Options) -> StoreImport:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"Reading {file.name}")

        def tell(what: str, rows: int) -> None:
            progress.update(task, description=f"Rows {what}: {rows:,}")

        return store_imports.run(operator(brand_id), brand_id, file.read_bytes(), options, tell)


def _told(problem: Problem) -> str:
    details = [error["detail"] for error in problem.errors]
    return "\n".join([problem.detail, *(each for each in details if each not in problem.detail)])


def _show(console: Console, report: StoreImport) -> None:
    what = "Dry run, nothing written" if report.dry_run else "Imported"
    console.print(
        f"{what}: {report.rows:,} rows, {report.created:,} created, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, {report.refused:,} refused; "
        f"{report.regions_created:,} regions created. Read as {report.encoding}.",
        highlight=False,
        soft_wrap=True,
    )
    used = ", ".join(f"{name}={columns}" for name, columns in report.mapping.items())
    ignored = ", ".join(report.ignored_columns) or "none"
    console.print(f"Columns: {used}; unused: {ignored}", markup=False, soft_wrap=True)
    _show_remarks(console, "Refused", report.refusals)
    _show_remarks(console, "Imported in part", report.warnings)


def _show_remarks(console: Console, title: str, remarks: list[Remark]) -> None:
    if not remarks:
        return
    table = Table("Line", "Field", "Column", "Reason", title=title, title_justify="left")
    for remark in remarks[:_SHOWN]:
        cells = (str(remark.line), remark.field, remark.column, remark.reason)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)
    if len(remarks) > _SHOWN:
        console.print(f"… and {len(remarks) - _SHOWN:,} more: --refusals FILE.csv has them all.")


def _write(path: Path, report: StoreImport) -> None:
    kinds = (("refused", report.refusals), ("imported in part", report.warnings))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "what", "field", "column", "reason"))
        for what, remarks in kinds:
            for each in remarks:
                writer.writerow(
                    map(as_text, (each.line, what, each.field, each.column, each.reason))
                )
