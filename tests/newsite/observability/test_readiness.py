from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
import pytest

from newsite.pages import views

pytestmark = pytest.mark.django_db


def test_alive_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok")
    assert "no-store" in response["Cache-Control"]


def test_ready_with_every_migration(client, django_assert_max_num_queries):
    client.get("/readyz")
    with django_assert_max_num_queries(2):
        response = client.get("/readyz")
    assert (response.status_code, response.text) == (200, "ok")
    assert "no-store" in response["Cache-Control"]


def test_not_ready_while_a_migration_is_missing(client):
    MigrationRecorder(connection).record_unapplied("comments", "0001_initial")
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "not migrated: comments.0001_initial")


def test_ready_beside_a_database_that_is_newer(client):
    MigrationRecorder(connection).record_applied("comments", "9999_of_the_next_release")
    assert client.get("/readyz").status_code == 200


def test_not_ready_without_the_database(client, monkeypatch):
    def away():
        raise OperationalError("postgres://user:secret@host")

    monkeypatch.setattr(views, "unapplied_migrations", away)
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "the database does not answer")
