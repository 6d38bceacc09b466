"""All settings; those that differ between hosts come from the environment, see docs/settings.md for the names."""

from datetime import timedelta
from pathlib import Path

from django_prose_editor.config import html_tags
from js_asset import static_lazy

from newsite.conf import csp
from newsite.conf.build_id import compute_build_id
from newsite.conf.databases import databases
from newsite.conf.default_rules import DEFAULT_COMMENT_RULES
from newsite.conf.env import (
    DEFAULT_SITE_URL,
    SHARED_CACHE,
    akismet_key,
    allowed_hosts,
    boolean,
    cache_config,
    comment_rules,
    email_config,
    env,
    integer_at_least,
    is_development_site,
    language,
    log_format,
    mail_domain,
    mail_from,
    media_storage,
    media_url,
    read_env,
    retention_days,
    secret_key,
    sentry_dsn,
    site_url,
    time_zone,
    trusted_proxies,
    upload_storage,
)
from newsite.observability.logging import logging_config
from newsite.observability.sentry import init_sentry

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"  # runtime files; not in the repository

DEBUG = boolean("DEBUG", default=False)
SECRET_KEY = secret_key(VAR / "secret-key", creates=is_development_site())
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # previous keys, whose signatures stay valid
SITE_URL = site_url(DEFAULT_SITE_URL)
SITE_NAME = env.str("SITE_NAME", default="newsite")
SITE_ID = 1
ALLOWED_HOSTS = allowed_hosts(SITE_URL)
TRUSTED_PROXIES = trusted_proxies()

INSTALLED_APPS = [
    "newsite.accounts.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.redirects",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "simple_history",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "articles",
    "comments",
    "newsite",
]

MIDDLEWARE = [
    "newsite.observability.middleware.request_metrics_middleware",
    "newsite.http.stale_requests.stale_request_middleware",
    "newsite.http.middleware.trusted_proxy_middleware",  # before everything that uses the client address
    "django.middleware.security.SecurityMiddleware",
    "newsite.http.middleware.permissions_policy_middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "newsite.http.middleware.ContentSecurityPolicyMiddleware",
    "newsite.http.middleware.request_limits_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "newsite.db.outage.DatabaseOutageMiddleware",
    "newsite.http.public_views.public_view_middleware",  # public pages skip all middleware below
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsite.accounts.backends.two_factor_middleware",
    "newsite.accounts.upload_permission.large_body_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",  # replaces the response of the login view
]

ROOT_URLCONF = "newsite.urls"
WSGI_APPLICATION = "newsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsite.pages.site_context.context_processor",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["newsite"]
CRISPY_TEMPLATE_PACK = "newsite"

# --- Database --------------------------------------------------------------------------------------------------------

if "DATABASE_URL" not in env:
    VAR.mkdir(exist_ok=True)
DATABASES = databases(VAR / "newsite.sqlite3")
DATABASE_ROUTERS = ["newsite.db.replica.router.ReplicaRouter"] if "replica" in DATABASES else []
COMPILED_QUERIES = boolean("COMPILED_QUERIES", default=True)  # if false, Django compiles each query, for debugging
DATABASE_REPLICA_MAX_LAG = integer_at_least(1, "DATABASE_REPLICA_MAX_LAG", default=2)  # seconds, else not used

# --- Comments: policy ------------------------------------------------------------------------------------------------

COMMENT_RULES = comment_rules(DEFAULT_COMMENT_RULES)
COMMENT_MAX_LENGTH = integer_at_least(1, "COMMENT_MAX_LENGTH", default=5_000)  # code points; a line break counts as one
COMMENT_MAX_LINKS = integer_at_least(1, "COMMENT_MAX_LINKS", default=2)  # comments with this many links are held
# Authors may edit their comment for this long.
COMMENT_EDIT_MINUTES = integer_at_least(0, "COMMENT_EDIT_MINUTES", default=5)
COMMENT_REPORT_THRESHOLD = integer_at_least(
    1, "COMMENT_REPORT_THRESHOLD", default=3
)  # from as many devices and networks
COMMENT_TRUST_AFTER_APPROVALS = integer_at_least(
    0, "COMMENT_TRUST_AFTER_APPROVALS", default=1
)  # approved comments of a device

AKISMET_KEY = akismet_key()  # empty: Akismet is not used
AKISMET_URL = site_url("https://rest.akismet.com", name="AKISMET_URL")
AKISMET_TEST = boolean("AKISMET_TEST", default=False)  # Akismet then does not learn from checks and corrections

# Overrides of the retention of reader data, in days; the defaults are in comments/privacy/retention.py.
RETENTION_DAYS = retention_days("networks", "addresses", "spam", "withdrawn", "rejected")

# Hours until moderators on duty are notified of pending comments.
COMMENT_PENDING_ALERT_HOURS = integer_at_least(1, "COMMENT_PENDING_ALERT_HOURS", default=2)

# --- Notifications: stored in the transaction that causes them, sent by `manage.py run_worker` -----------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

_mail = email_config("consolemail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 10  # seconds for each response of the mail server
EMAIL_MESSAGE_ID_DOMAIN = mail_domain(SITE_URL)  # domain of the Message-ID of notifications
DEFAULT_FROM_EMAIL = SERVER_EMAIL = mail_from(SITE_NAME, EMAIL_MESSAGE_ID_DOMAIN)

# --- Language, time, files -------------------------------------------------------------------------------------------

LANGUAGE_CODE = language("en")
TIME_ZONE = time_zone("UTC")
USE_I18N = True
FORMAT_MODULE_PATH = ["newsite.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=None)  # target of collectstatic, for a web server in front
WHITENOISE_USE_FINDERS = STATIC_ROOT is None  # without STATIC_ROOT, files are served from their source folders
# After collectstatic, file names contain a hash of the content, and files are compressed.
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
if STATIC_ROOT is not None:
    _static = "whitenoise.storage.CompressedManifestStaticFilesStorage"

# Images are accessed only through Django's storage API, so that another storage needs no code.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR / "media"))
MEDIA_URL = media_url("/media/")
# Uploads wait for the worker in the storage of images, under secret names; the web server may not read them.
STORAGES = {"default": media_storage(), "uploads": upload_storage(), "staticfiles": {"BACKEND": _static}}
# Limits of uploads that a request checks in the file header, without decoding.
IMAGE_MAX_BYTES = 25 * 1024 * 1024
IMAGE_MAX_PIXELS, JPEG_MAX_PIXELS = 36_000_000, 64_000_000  # a large screenshot, a large camera
JPEG_MAX_SCANS = 30  # encoders write ten; each scan visits every pixel, and needs no bytes for that
IMAGE_MAX_EDGE = 20_000  # pixels
IMAGE_MAX_PARTS = 20_000  # segments, chunks, blocks, boxes; 25 MB of PNG in chunks of 8 kB are 3,200
IMAGE_MAX_METADATA_BYTES = 8 * 1024 * 1024  # as stored
# Limits of the process that decodes. Images within the limits above took 700 MiB and 4 seconds at most.
IMAGE_PROCESS_MEMORY_BYTES = 1024 * 1024 * 1024
IMAGE_PROCESS_CPU_SECONDS, IMAGE_PROCESS_WALL_SECONDS = 60, 240

# --- Caches: every key contains the release, so output of another release or setting is never shown ------------------

_cache = cache_config("locmemcache://")
BUILD_ID = compute_build_id(
    BASE_DIR,
    SITE_URL,
    SITE_NAME,
    LANGUAGE_CODE,
    TIME_ZONE,
    STATIC_URL,
    _static,
    MEDIA_URL,
    COMMENT_MAX_LENGTH,
    COMMENT_RULES,
)
CACHES = {
    "default": {**_cache, "KEY_PREFIX": f"parts:{BUILD_ID}", "TIMEOUT": 24 * 60 * 60},  # comments, the frame, ...
    "pages": {**_cache, "KEY_PREFIX": f"pages:{BUILD_ID}", "TIMEOUT": 24 * 60 * 60},  # whole pages
}
if _cache["BACKEND"].endswith("LocMemCache"):  # per process: at most 10 MB of comments and 20 MB of pages
    CACHES["default"] |= {"LOCATION": "parts", "OPTIONS": {"MAX_ENTRIES": 10_000}}
    CACHES["pages"] |= {"LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 400}}
elif _cache["BACKEND"] == SHARED_CACHE:  # size of the in-process cache in front of Redis
    CACHES["default"]["OPTIONS"] = {**_cache.get("OPTIONS", {}), "LOCAL_CACHE_SIZE": 5_000}
    CACHES["pages"]["OPTIONS"] = {**_cache.get("OPTIONS", {}), "LOCAL_CACHE_SIZE": 100}

# --- Security --------------------------------------------------------------------------------------------------------

_is_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
# HSTS on https sites: for a year, without subdomains, which this site does not control.
SECURE_SSL_REDIRECT = _is_https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # requested by internal monitoring
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _is_https else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # both are about subdomains and preload
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
PUBLIC_REQUEST_MAX_BYTES = 1024 * 1024  # bytes; a comment of 5,000 letters takes at most 60,000
# Limits of staff forms, as in deploy/nginx.conf. A long article of 100,000 Cyrillic letters takes 600,000 bytes.
ADMIN_REQUEST_MAX_BYTES = 2 * 1024 * 1024
IMAGE_REQUEST_MAX_BYTES = 32 * 1024 * 1024  # the form field reports a file slightly above IMAGE_MAX_BYTES
IMAGE_FORM_PATHS = r"/admin/articles/image/(add|[0-9]+/change)/"  # regular expression, as in nginx.conf
UNCHECKED_REQUEST_MAX_BYTES = 9_999  # larger bodies are read from staff only; a login needs some hundred bytes

CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.public_policy(MEDIA_URL)}
ADMIN_CONTENT_SECURITY_POLICY = csp.admin_policy(MEDIA_URL)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it checks no password after too many failures
    "newsite.accounts.backends.TwoFactorBackend",
]
# newsite/accounts/login_limits.py defines what is counted and stored.
AXES_HANDLER = "newsite.accounts.login_limits.LoginLimitHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)  # since the latest failure that was counted
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_CLIENT_IP_CALLABLE = "newsite.accounts.login_limits.network_as_address"
AXES_USERNAME_CALLABLE = "newsite.accounts.login_limits.username_hash"
AXES_LOCKOUT_CALLABLE = "newsite.accounts.login_limits.lockout_response"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
STAFF_REQUIRE_2FA = boolean("STAFF_REQUIRE_2FA", default=False)  # if false, only from users who enabled it
OTP_TOTP_ISSUER = SITE_NAME  # name of the site in authenticator apps

# Elements of articles beyond the standard set of the editor: articles/content/sanitizer.py.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy("articles/editor_extensions.js")],
        "extensions": {
            "Illustration": html_tags(["figure", "figcaption"], {"figure": ["data-image"]}),
            "Embed": html_tags(["figure", "figcaption"], {"figure": ["data-embed"]}),
        },
    }
]

# --- Observability ---------------------------------------------------------------------------------------------------

LOG_FORMAT = log_format()
LOGGING = logging_config(LOG_FORMAT)
METRICS_ALLOWED = trusted_proxies("METRICS_ALLOWED")  # clients that may read /metrics; all others get 404
METRICS_TOKEN = read_env(env.str, "METRICS_TOKEN", default="")
if SENTRY_DSN := sentry_dsn():
    init_sentry(SENTRY_DSN, release=BUILD_ID)
