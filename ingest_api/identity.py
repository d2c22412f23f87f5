"""Who an event belongs to: a keyed hash that tells nothing outside its site.

Source of the construction: BLAKE2 keyed hashing, RFC 7693.
"""

import hashlib
from functools import lru_cache

from ingest_api.sites import SiteRules


@lru_cache(maxsize=1_024)
def _keyed(key: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=8, key=key)


def _hashed(key: bytes, kind: bytes, text: str) -> int:
    hashed = _keyed(key).copy()
    hashed.update(kind + text.encode())
    return int.from_bytes(hashed.digest(), signed=True)


_remembered = lru_cache(maxsize=16_384)(_hashed)


def visitor_of(site: SiteRules, kind: bytes, text: str) -> int:
    """Signed 64-bit visitor id of a user id (`kind` b"u:") or an anonymous one (b"a:")."""
    return _remembered(site.identity_key, kind, text)


def browser_visitor(site: SiteRules, fingerprint: str, salt: str) -> int:
    """Visitor id of a browser without ids, for the one local day that the salt belongs to.

    Not remembered: nothing may outlive the salt.
    """
    return _hashed(site.identity_key, b"h:", f"{fingerprint}\0{salt}")
