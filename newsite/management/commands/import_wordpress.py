"""Command `manage.py import_wordpress FILE...`."""

from pathlib import Path
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.importers.progress import Progress
from newsite.importers.redirects_file import InvalidLine, read_redirects
from newsite.importers.report_output import open_report
from newsite.importers.wordpress.importer import Options, import_wordpress


class Command(BaseCommand):
    help = (
        "Import the articles, comments, authors, categories and tags of WordPress exports (Tools, Export: WXR 1.0 to "
        "1.2). It can be run again: nothing is duplicated, changes are brought up to date, and later edits and "
        "decisions made here are kept. Everything skipped or changed is listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Run the import, print the report, then roll back.")
        parser.add_argument(
            "--media-folder", type=Path, metavar="DIR", help="Copy of wp-content/uploads. Nothing is downloaded."
        )
        parser.add_argument("--pages-section", default="", metavar="NAME", help="Also import pages, into this section.")
        parser.add_argument(
            "--default-section",
            default="News",
            metavar="NAME",
            help="Section for posts without a category. Default: News.",
        )
        parser.add_argument("--source", default="", metavar="NAME", help="Name of the old site. Default: its address.")
        parser.add_argument(
            "--redirects",
            type=Path,
            metavar="FILE",
            help="Also import this redirects.jsonl, as written by export_site.",
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="Write the report to this file instead of the output."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = Options(
            source=options["source"],
            default_section=options["default_section"],
            pages_section=options["pages_section"],
            media_folder=options["media_folder"],
            dry_run=options["dry_run"],
            redirects=_redirects(options["redirects"]),
        )
        if chosen.media_folder and not chosen.media_folder.is_dir():
            raise CommandError(f"{chosen.media_folder} is not a folder.")
        progress = Progress(sys.stderr, options["files"])
        with open_report(options["report"], self.stdout, is_dry=chosen.dry_run) as report:
            import_wordpress(options["files"], chosen, report, progress)
            progress.close()
        if report.errors:
            raise CommandError(" ".join(report.errors))


def _redirects(file: Path | None) -> list[tuple[str, str]]:
    """Read all redirects before the import starts."""
    try:
        return list(read_redirects(file)) if file else []
    except OSError as error:
        raise CommandError(f"{file} could not be read: {error.strerror}.") from error
    except InvalidLine as error:
        raise CommandError(str(error)) from error
