"""Brings the embedded PostgreSQL back when it dies under the running application."""

import logging
import threading

from workflow_app.core.postgres import Postgres, PostgresFailed

logger = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between two tries: sessions of the dead server need a moment to notice


class Keeper:
    """Watches one server in a thread of its own, until it is told that the server shall end.

    Without it `run` would stand there for ever after the system killed its database for memory.
    """

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._ending = threading.Event()
        # Linux ends the server when the thread that started it ends: this one lives as long as the process.
        self._thread = threading.Thread(target=self._watch, name="postgres-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the server and stops watching; what follows is no death to mend."""
        self._ending.set()
        self._server.stop()
        self._thread.join(30)

    def _watch(self) -> None:
        while not self._ending.is_set():
            code = self._server.wait()
            if self._ending.is_set():
                return
            logger.error("PostgreSQL ended with %s, starting it again", code)
            self._bring_back()

    def _bring_back(self) -> None:
        while not self._ending.wait(_PAUSE):
            try:
                self._server.restart()
            except PostgresFailed as error:
                logger.error("PostgreSQL does not start: %s", error)  # noqa: TRY400 - the sentence says it all
            else:
                return
