"""Builds on a Dask cluster: `dask://host:8786`, and `dasks://host:8786` with TLS."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit
from warnings import catch_warnings

from sitegen.builder.engine import Engine
from sitegen.diagnostics import ExternalError, UsageError

_PORT: Final = 8786
_CONNECT_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 2
_CERTIFICATES: Final = "expected files in distributed.comm.tls of Dask's settings, for ca-file and client"
_SETTINGS: Final = {
    "distributed.admin.large-graph-warning-threshold": "1GB",  # one large picture would print a warning
    "distributed.comm.retry.count": 0,
}


@contextmanager
def connect(url: str) -> Iterator[Engine]:
    """Connect to the scheduler at `url`. Raises ExternalError if none answers, or if the package is missing."""
    address = _address(url)
    distributed, config = _import("distributed"), _import("dask.config")
    with _without_logs(), config.set(_SETTINGS):
        client = _client(distributed, url, address)
        try:
            yield Engine(
                executor=client.get_executor(pure=False),  # with pure=True it would hash every message
                workers=lambda: sum(client.nthreads().values()),
                errors=(distributed.scheduler.KilledWorker,),
            )
        finally:
            client.close(_CLOSE_SECONDS)


def _address(url: str) -> str:
    """Return the address as Dask writes it. Raises UsageError."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    if not parts.hostname or not port or parts.username or parts.path.strip("/"):
        raise UsageError(f"invalid executor {url!r}: expected {parts.scheme}://HOST:PORT")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{'tls' if parts.scheme == 'dasks' else 'tcp'}://{host}:{port}"


def _security(distributed: Any, url: str) -> Any:
    """Return the certificates of Dask's settings. Raises ExternalError for `dasks` without valid ones."""
    security = distributed.Security(require_encryption=url.startswith("dasks:"))
    if security.require_encryption:
        if not (security.tls_ca_file and security.tls_client_cert):
            raise ExternalError(f"{url} needs certificates: {_CERTIFICATES}")
        try:
            security.get_connection_args("client")
        except OSError as error:
            raise ExternalError(f"cannot read the certificates for {url}: {error}; {_CERTIFICATES}") from error
    return security


def _client(distributed: Any, url: str, address: str) -> Any:
    security = _security(distributed, url)
    try:
        with catch_warnings(action="ignore"):  # of different versions: `Engine` compares them, with an error
            return distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, security=security)
    except OSError as error:
        message = f"no Dask scheduler answers at {url} within {_CONNECT_SECONDS} s; start it, or check the address"
        raise ExternalError(f"{message} ({' '.join(str(error).split())})") from error


@contextmanager
def _without_logs() -> Iterator[None]:
    """Keep the reports of Dask, tornado and asyncio about a lost connection off the standard error."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ExternalError("--executor dask:// needs another package: pip install 'sitegen-digest[dask]'") from error
