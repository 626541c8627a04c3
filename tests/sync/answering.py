"""A real socket that answers every request with the same bytes, at a pace of the test's."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def answering(
    answer: bytes, send: Callable[[socket.socket, bytes], object] = socket.socket.sendall
) -> Iterator[str]:
    """Answer with these bytes until the context ends; yields the address."""

    def meet(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            send(connection, answer)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=meet, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
