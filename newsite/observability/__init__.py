"""How the site is doing: numbers for Prometheus (`/metrics`), logs, Sentry. None of it tells of any reader."""
