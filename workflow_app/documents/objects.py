"""The object store that documents are kept in; bound once at start-up."""

from storage.protocol import ObjectStore

_store: ObjectStore | None = None


class NoStore(RuntimeError):
    """The process has not been told which object store to use."""


def bind(store: ObjectStore | None) -> None:
    """Binds this process to a store; None unbinds."""
    global _store  # noqa: PLW0603 - one store per process is a decision, as with the database
    _store = store


def store() -> ObjectStore:
    """The bound store; raises NoStore."""
    if _store is None:
        raise NoStore("call documents.objects.bind first")
    return _store
