"""What can go wrong with a store: one name per fact, never an error of a client library."""


class StorageError(Exception):
    """Base of every error of this package.

    key: the object concerned, or None when the store as a whole is meant.
    """

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class ObjectMissing(StorageError):
    """The store works and says that it holds no object under this key."""


class ObjectCorrupt(StorageError):
    """The object is there, but its bytes are not the ones that were stored: torn, truncated or changed.

    Asking again does not help. Putting the original bytes again does.
    """


class StorageUnavailable(StorageError):
    """The store cannot serve now: unreachable, too slow, full, read-only, or it refuses our credentials.

    Nothing is known about the object. A put that ended so may or may not have happened; the same put
    may be repeated at any time.
    """


class InvalidKey(StorageError, ValueError):
    """The text is not a key (or a kind) that this package could have made. Nothing was touched."""


class InvalidStoreUrl(StorageError, ValueError):
    """The address of the store cannot be understood. The message never repeats credentials."""


class ServerNotInstalled(StorageError):
    """The program of the S3 server is not on this machine. The message says what to install."""
