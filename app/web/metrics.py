"""Prometheus metrics by route template, right under several processes, and told to nobody outside."""

import ipaddress
import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import NotFound

REQUESTS = Counter("diandan_requests_total", "Requests by route, method and status", ["method", "route", "status"])
SECONDS = Histogram(
    "diandan_request_seconds",
    "Seconds a request took, by route",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6),
)


_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


def observe(method: str, route: str, status: int, seconds: float) -> None:
    known = method if method in _METHODS else "OTHER"
    REQUESTS.labels(known, route, str(status)).inc()
    SECONDS.labels(known, route).observe(seconds)


def _local(request: Request) -> bool:
    """A caller on this machine that came through no proxy."""
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def metrics(request: Request) -> Response:
    """All processes' figures; 404 for whoever is not on this machine."""
    if not _local(request):
        raise NotFound
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
