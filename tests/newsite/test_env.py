import os
from pathlib import Path
import subprocess
import sys

from django.core.exceptions import ImproperlyConfigured
import pytest

from newsite.conf import env as environment
from newsite.conf.databases import databases


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SITE_URL", "news.example.org", lambda: environment.site_url("")),
        ("SITE_URL", "ftp://news.example.org", lambda: environment.site_url("")),
        ("SITE_URL", "https://news.example.org/path", lambda: environment.site_url("")),
        ("TRUSTED_PROXIES", "everyone", environment.trusted_proxies),
        ("METRICS_ALLOWED", "everyone", lambda: environment.trusted_proxies("METRICS_ALLOWED")),
        ("LOG_FORMAT", "xml", environment.log_format),
        ("TIME_ZONE", "Mars/Olympus", lambda: environment.time_zone("UTC")),
        ("TIME_ZONE", "../../etc/passwd", lambda: environment.time_zone("UTC")),
        ("COMMENT_MAX_LENGTH", "many", lambda: environment.integer_at_least(1, "COMMENT_MAX_LENGTH", default=1)),
        ("COMMENT_MAX_LENGTH", "-1", lambda: environment.integer_at_least(1, "COMMENT_MAX_LENGTH", default=1)),
        ("COMMENT_MAX_LENGTH", "0", lambda: environment.integer_at_least(1, "COMMENT_MAX_LENGTH", default=1)),
        ("SITE_URL", "http://[::1", lambda: environment.site_url("")),
        ("SITE_URL", "http://x:99999", lambda: environment.site_url("")),
        ("LANGUAGE_CODE", "klingon", lambda: environment.language("en")),
        ("DATABASE_URL", "postgresql://[bad", lambda: databases(Path("/nowhere"))),
        ("DATABASE_REPLICA_URL", "sqlite:///x", lambda: databases(Path("/nowhere"))),
        ("DATABASE_REPLICA_URL", "postgresql://replica/", lambda: databases(Path("/nowhere"))),
        ("CACHE_URL", "pymemcache://host:1", lambda: environment.cache_config("")),
        ("EMAIL_URL", "nonsense", lambda: environment.email_config("")),
        ("EMAIL_URL", "smtp://", lambda: environment.email_config("")),
        ("EMAIL_URL", "smtp://host:x", lambda: environment.email_config("")),
        ("EMAIL_URL", "filemail://", lambda: environment.email_config("")),
        ("DEFAULT_FROM_EMAIL", "nobody", lambda: environment.mail_from("The Courier", "example.org")),
        (
            "DEFAULT_FROM_EMAIL",
            "a@example.org\nBcc: b@example.org",
            lambda: environment.mail_from("The Courier", "example.org"),
        ),
        ("AKISMET_KEY", "not a key", environment.akismet_key),
        ("AKISMET_URL", "ftp://x", lambda: environment.site_url("", name="AKISMET_URL")),
        ("SECRET_KEY", "", lambda: environment.secret_key(Path("/nowhere"))),
    ],
)
def test_a_wrong_value_is_named(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read()


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environment.secret_key(Path("/nowhere")).strip() == "from a file"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense://x"),
        ("CACHE_URL", "nonsense://x"),
        ("SITE_URL", "x"),
        ("DEBUG", "perhaps"),
        ("EMAIL_URL", "smtp://"),
        ("COMMENT_PENDING_ALERT_HOURS", "0"),
        ("COMMENT_RULES", "a.b"),
        ("AKISMET_KEY", "1234-5678"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence_that_names_it(name, value):
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(
        command, env={**os.environ, name: value}, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode != 0
    assert name in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        (None, ["news.example", "localhost", "127.0.0.1", "[::1]"]),
        ("", ["news.example", "localhost", "127.0.0.1", "[::1]"]),
        ("a.example,b.example", ["a.example", "b.example"]),
    ],
)
def test_a_site_is_never_without_a_host_that_it_answers_for(monkeypatch, given, hosts):
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    if given is not None:
        monkeypatch.setenv("ALLOWED_HOSTS", given)
    assert environment.allowed_hosts("https://news.example") == hosts


def test_a_database_address_keeps_its_options():
    code = "from newsite.settings import DATABASES; print(DATABASES['default']['OPTIONS'])"
    env = {**os.environ, "DATABASE_URL": "postgresql://u:p@db.example/news?sslmode=require"}
    options = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert "'sslmode': 'require'" in options
    assert "'connect_timeout'" in options


def test_a_replica_is_set_up_as_the_primary_is(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db.example/news")
    monkeypatch.setenv("DATABASE_REPLICA_URL", "postgresql://u:p@replica.example/news")
    both = databases(Path("/nowhere"))
    assert both["replica"]["HOST"] == "replica.example"
    assert both["replica"]["OPTIONS"] == both["default"]["OPTIONS"]
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URL"):
        databases(Path("/nowhere"))


@pytest.mark.parametrize(
    ("given", "threshold"),
    [("", 5), ("?disable_server_side_cursors=true", None), ("?disable_server_side_cursors=1", None)],
)
def test_nothing_is_left_on_a_connection_that_a_pooler_shares(monkeypatch, given, threshold):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:p@db.example/news{given}")
    assert databases(Path("/nowhere"))["default"]["OPTIONS"]["prepare_threshold"] == threshold


def test_what_is_switched_off_behind_a_databases_address_is_off(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db.example/news?disable_server_side_cursors=false")
    config = databases(Path("/nowhere"))["default"]
    assert config["DISABLE_SERVER_SIDE_CURSORS"] is False
    assert config["OPTIONS"]["prepare_threshold"] == 5
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db.example/news?disable_server_side_cursors=perhaps")
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL\?disable_server_side_cursors must be true or false"):
        databases(Path("/nowhere"))


def test_a_secret_in_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere/at/all")
    monkeypatch.setattr(environment.env.ENVIRON, "files_cache", {})
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.secret_key(Path("/nowhere"))


@pytest.mark.parametrize(
    ("value", "rules"), [("+ours.rule", ["theirs", "ours.rule"]), ("ours.rule, more.rule", ["ours.rule", "more.rule"])]
)
def test_rules_are_added_or_replaced(monkeypatch, value, rules):
    monkeypatch.setenv("COMMENT_RULES", value)
    assert environment.comment_rules(["theirs"]) == rules


def test_the_release_moves_with_the_settings_that_pages_show():
    code = "from newsite.settings import BUILD_ID; print(BUILD_ID)"

    def release(**values):
        env = {**os.environ, **values}
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout

    assert release() == release()
    assert len({release(), release(SITE_URL="https://a.example"), release(TIME_ZONE="Europe/Oslo")}) == 3


def test_a_key_is_no_use_without_the_package_that_encrypts(monkeypatch):
    monkeypatch.setenv("AKISMET_KEY", "0123456789ab")
    assert environment.akismet_key() == "0123456789ab"
    monkeypatch.setattr(environment, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured, match="AKISMET_KEY needs the package cryptography"):
        environment.akismet_key()


def test_a_wrong_key_is_not_repeated(monkeypatch):
    monkeypatch.setenv("AKISMET_KEY", "nearly-right")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.akismet_key()
    assert "nearly" not in str(refused.value)


@pytest.mark.parametrize("value", ["", " ", ","])
def test_an_empty_list_of_rules_is_refused(monkeypatch, value):
    monkeypatch.setenv("COMMENT_RULES", value)
    with pytest.raises(ImproperlyConfigured, match="COMMENT_RULES"):
        environment.comment_rules(["theirs"])


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.example.org:8443", "news.example.org"),
        ("http://127.0.0.1:8000", "localhost"),
        ("http://[::1]", "localhost"),
        ("https://b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_letters_come_from_the_sites_own_host(monkeypatch, url, domain):
    monkeypatch.delenv("DEFAULT_FROM_EMAIL", raising=False)
    assert environment.mail_domain(url) == domain
    assert environment.mail_from("The\nCourier", domain) == f"The Courier <letters@{domain}>"


@pytest.mark.parametrize(
    ("url", "port", "password"),
    [("smtp://host", 25, None), ("smtp+tls://u:p%40ss@host", 587, "p@ss"), ("smtp+ssl://u:p@host", 465, "p")],
)
def test_the_mail_server_is_one_address(monkeypatch, url, port, password):
    monkeypatch.setenv("EMAIL_URL", url)
    config = environment.email_config("")
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"], config["EMAIL_HOST_PASSWORD"]) == ("host", port, password)


def test_a_secret_key_is_created_for_development_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "read_env", lambda reader, name, default: default)
    file = tmp_path / "var" / "secret-key"
    first = environment.secret_key(file, creates=True)
    assert len(first) > 50
    assert file.stat().st_mode & 0o777 == 0o600
    assert environment.secret_key(file) == first


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]", True),
        ("https://news.example", False),
    ],
)
def test_a_site_on_this_machine_is_one_for_development(monkeypatch, url, is_loopback):
    monkeypatch.setitem(environment.env.ENVIRON, "SITE_URL", url)
    assert environment.is_development_site() == is_loopback
