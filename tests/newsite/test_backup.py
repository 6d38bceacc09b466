"""Backups of the whole site, restored into an empty one and compared, on both engines."""

from dataclasses import asdict
import json
import shutil
import stat
import threading

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
import pytest

from articles.models import Article
from comments.models import Comment, Conversation
from newsite.backup import engines
from newsite.backup.manifest import BackupError, describe_file
from newsite.backup.media import stored_names
from tests.conftest import make_article, make_comment, make_user

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

OF_ONE_PROCESS = {"django_migrations", "sqlite_sequence"}  # a fresh migration has other times


def everything():
    """Return the rows of all tables, and the bytes of all files."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - OF_ONE_PROCESS):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    files = {name: default_storage.open(name).read() for name in stored_names()}
    return rows, files


def empty_the_site():
    call_command("flush", interactive=False, verbosity=0)
    for name in list(stored_names()):
        default_storage.delete(name)


@pytest.fixture
def site():
    article = make_article(headline="“Größe” 新聞")
    make_comment(article, parent=make_comment(article, text="Ünïcödé 🎈"), device="adas")
    make_user("editor", "Editors")
    default_storage.save("images/2026/01/a.jpg", ContentFile(bytes(range(256)) * 1000))
    default_storage.save("images/2026/01/b.webp", ContentFile(b"b"))
    yield
    for name in list(stored_names()):
        default_storage.delete(name)


@pytest.fixture
def folder(site, tmp_path):
    call_command("backup", str(tmp_path / "copy"), verbosity=0)
    return tmp_path / "copy"


def test_an_empty_site_becomes_what_the_other_was(folder):
    before = everything()
    empty_the_site()
    call_command("restore", str(folder))
    assert everything() == before
    assert make_comment(Article.objects.get()).pk > max(Comment.objects.values_list("pk", flat=True)[1:])


def test_a_site_that_holds_something_is_replaced_only_when_that_is_said(folder):
    before = everything()
    make_comment(Article.objects.get(), text="Written after the backup")
    default_storage.save("images/2026/02/new.jpg", ContentFile(b"new"))
    later = everything()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", str(folder))
    assert everything() == later
    call_command("restore", str(folder), replace=True)
    assert everything() == before


def test_nothing_that_a_cache_kept_outlives_it(folder):
    cache.set("of-another-database", "old")
    call_command("restore", str(folder), replace=True)
    assert cache.get("of-another-database") is None


def test_a_table_that_came_after_the_backup_is_gone(folder):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_later_release (id integer)")
    call_command("restore", str(folder), replace=True)
    assert "of_a_later_release" not in connection.introspection.table_names()


def test_a_damaged_backup_touches_nothing(folder):
    before = everything()
    for path in [next(folder.glob("database.*")), folder / "media/images/2026/01/b.webp"]:
        whole = path.read_bytes()
        path.unlink()
        with pytest.raises(CommandError, match=r"damaged.*No such file"):
            call_command("restore", str(folder), replace=True)
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(CommandError, match=r"damaged.*does not match its checksum"):
            call_command("restore", str(folder), replace=True)
        path.write_bytes(whole)
    assert everything() == before


def change_manifest(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_what_does_not_fit_touches_nothing(folder):
    whole, before = (folder / "manifest.json").read_text(), everything()
    for changes, said in [
        ({"migrations": ["comments.0001_initial", "comments.9999_later"]}, "newer release.*comments.9999_later"),
        ({"engine": "oracle"}, "its own kind"),
        ({"format": 2}, "format 2"),
        ({"files": {"../outside": {"size": 1, "sha256": "0"}}}, "broken"),
        ({"files": "none"}, "broken"),
        ({"surprise": 1}, "broken"),
        ({"migrations": 5}, "broken"),
        ({"migrations": [5]}, "newer release.*5"),
        ({"database": ["database"]}, "broken"),
    ]:
        change_manifest(folder, **changes)
        with pytest.raises(CommandError, match=said):
            call_command("restore", str(folder), replace=True)
        (folder / "manifest.json").write_text(whole)
    assert everything() == before


@pytest.mark.parametrize("part", [0.0, 0.9])
def test_a_database_file_that_cannot_be_read_to_its_end_leaves_the_database_as_it_was(folder, part):
    path, before = next(folder.glob("database.*")), everything()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)] or b"nothing of the kind")
    files = json.loads((folder / "manifest.json").read_text())["files"]
    change_manifest(folder, files={**files, path.name: asdict(describe_file(path))})
    with pytest.raises(CommandError, match=r"cannot read|damaged|as it was"):
        call_command("restore", str(folder), replace=True)
    assert everything() == before


def break_database(folder):
    """Damage the database, and make the manifest match the damage."""
    path = next(folder.glob("database.*"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    files = json.loads((folder / "manifest.json").read_text())["files"]
    change_manifest(folder, files={**files, path.name: asdict(describe_file(path))})


def test_an_empty_site_that_was_not_filled_is_empty_still_and_may_be_filled_by_another(folder, tmp_path, monkeypatch):
    before = everything()
    shutil.copytree(folder, tmp_path / "whole")
    break_database(folder)
    empty_the_site()
    monkeypatch.setitem(engines.ENGINES, "sqlite", engines.ENGINES["sqlite"]._replace(verify=lambda path: None))
    with pytest.raises(CommandError):
        call_command("restore", str(folder))
    assert list(stored_names()) == []
    call_command("restore", str(tmp_path / "whole"))
    assert everything() == before


@pytest.mark.parametrize(
    ("fault", "raised"), [(KeyboardInterrupt(), KeyboardInterrupt), (BackupError("Broken."), CommandError)]
)
def test_a_restore_that_is_stopped_leaves_no_pictures_and_says_why_once(folder, monkeypatch, fault, raised):
    empty_the_site()

    def stops(_path):
        raise fault

    kind = connection.vendor
    monkeypatch.setitem(engines.ENGINES, kind, engines.ENGINES[kind]._replace(load=stops))
    with pytest.raises(raised) as caught:
        call_command("restore", str(folder))
    assert list(stored_names()) == []
    assert (caught.value if raised is KeyboardInterrupt else caught.value.__cause__) is fault
    assert fault.__cause__ is None


def test_a_manifest_that_nobody_has_written_is_called_broken(folder):
    (folder / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(CommandError, match="broken"):
        call_command("restore", str(folder), replace=True)


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(site, tmp_path):
    article, is_over = Article.objects.get(), threading.Event()

    def write():
        while not is_over.is_set():
            with transaction.atomic():
                make_comment(article, text="One of two")
                make_comment(article, text="Two of two")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        call_command("backup", str(tmp_path / "copy"))
    finally:
        is_over.set()
        writer.join()
    call_command("restore", str(tmp_path / "copy"), replace=True)
    one, two = (Comment.objects.filter(text=f"{number} of two").count() for number in ("One", "Two"))
    assert one == two
    assert Conversation.objects.get().public_count == one + two + 2


def test_what_breaks_in_the_middle_leaves_no_backup(site, tmp_path, monkeypatch):
    def full(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    kind = engines.engine()._replace(dump=full)
    monkeypatch.setitem(engines.ENGINES, connection.vendor, kind)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(tmp_path / "copy"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(site, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(CommandError, match="left alone"):
        call_command("backup", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_nobody_else_may_read_it(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.rglob("*"):
        assert path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_manifest_says_what_it_is_of(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["engine"] == connection.vendor
    assert "comments.0001_initial" in manifest["migrations"]
    assert manifest["files"]["media/images/2026/01/b.webp"]["size"] == 1
    assert not list(folder.glob("*-wal"))


def test_a_folder_that_is_no_backup_is_named(tmp_path, db):
    with pytest.raises(CommandError, match="is not a backup"):
        call_command("restore", str(tmp_path))


def test_a_missing_program_is_named_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(engines.BackupError, match="apt-get install postgresql-client"):
        engines.find_program("pg_dump")
