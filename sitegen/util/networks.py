"""Addresses of networks: which hosts everyone can reach."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

IpAddress = IPv4Address | IPv6Address

_NAT64: Final = ip_network("64:ff9b::/96")
"""RFC 6052, section 2.1: the last 32 bits are an IPv4 address."""


def is_public(address: IpAddress) -> bool:
    """Return whether everyone can reach an address: not private, loopback, link-local, multicast or reserved.

    An IPv6 address that carries an IPv4 address is public if that one is.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def private_host(host: str, address: str) -> str:
    """Return the message about a host with an address that not everyone can reach."""
    return f"{host} is in a private network" if host == address else f"{host} is {address}, in a private network"
