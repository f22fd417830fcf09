"""Bytes in, bytes out: immutable objects named by their content, in a folder or on an S3 server.

This package knows nothing of unions, databases or the web.
"""

from storage.errors import (
    InvalidKey,
    InvalidStoreUrl,
    ObjectCorrupt,
    ObjectMissing,
    ServerNotInstalled,
    StorageError,
    StorageUnavailable,
)
from storage.files import FileStore
from storage.keys import key_for
from storage.opening import open_store
from storage.protocol import ObjectStore, StoredObject
from storage.s3 import S3Store
from storage.seaweed import SeaweedServer

__all__ = [
    "FileStore",
    "InvalidKey",
    "InvalidStoreUrl",
    "ObjectCorrupt",
    "ObjectMissing",
    "ObjectStore",
    "S3Store",
    "SeaweedServer",
    "ServerNotInstalled",
    "StorageError",
    "StorageUnavailable",
    "StoredObject",
    "key_for",
    "open_store",
]
