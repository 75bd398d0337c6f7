"""Access control: the Host headers, origins and tokens that the preview accepts.

livereload accepts any host and any origin, so any web page could listen to it or read drafts by DNS rebinding.
"""

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from tornado.httputil import HTTPServerRequest

ANY_ADDRESS: Final = {"0.0.0.0", "::"}  # noqa: S104 - compared with the address that the user chose


class Access(Struct, frozen=True):
    """Access rules: accepted host names, and the token that requests need if other machines can reach the preview.

    `any_address` accepts every numeric host: DNS rebinding needs a name. An empty `token` means that none is needed.
    A browser sends the token in the URL once and then in the cookie named `cookie`.
    """

    hosts: frozenset[str]
    any_address: bool
    token: str
    cookie: str

    def allows_host(self, host: str) -> bool:
        """Whether the Host header of a request names this server."""
        if host in self.hosts or not self.any_address:
            return host in self.hosts
        try:
            return not ipaddress.ip_address(host.strip("[]")).is_unspecified
        except ValueError:
            return False

    def allows_token(self, token: str | None) -> bool:
        """Compare a token in constant time."""
        return token is not None and hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())


def create_access(host: str, listener: socket.socket, allowed_hosts: Iterable[str]) -> Access:
    """Return the access rules of a server; a new token is created unless only this machine can reach it."""
    address, port = listener.getsockname()[:2]
    allowed = {name.lower() for name in allowed_hosts}
    any_address = address in ANY_ADDRESS
    own = {"127.0.0.1", "localhost", "::1", host.lower(), address.partition("%")[0]} - ANY_ADDRESS
    if any_address:
        own.add(socket.gethostname().lower())
    names = own | {f"[{name}]" for name in own if ":" in name} | allowed
    is_local = ipaddress.ip_address(address.partition("%")[0]).is_loopback
    token = "" if is_local and not allowed else secrets.token_urlsafe(16)
    return Access(frozenset(names), any_address, token, f"sitegen-preview-{port}")


def is_same_origin(origin: str, request: HTTPServerRequest) -> bool:
    """Whether an Origin header names this server, directly or as its proxy reports it.

    A page cannot set `X-Forwarded-Host` on a WebSocket. Browsers omit the default port in both headers.
    """
    forwarded = request.headers.get("X-Forwarded-Host", "").partition(",")[0].strip()
    hosts = {host.lower() for host in (request.headers.get("Host", ""), forwarded) if host}
    return origin.startswith(("http://", "https://")) and origin.partition("://")[2] in hosts
