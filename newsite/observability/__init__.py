"""Observability: metrics for Prometheus (`/metrics`), logs and Sentry, all without data of readers."""
