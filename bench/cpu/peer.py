"""One rank of what `collectives` compares with: Gloo, or one of the bounds.

    peer.py gloo|memcpy|pingpong ADDRESS PORT WORLD RANK

Each line of standard input is ELEMENTS CALLS; the answer is the mean time of a call in microseconds.
"""
import ctypes
import socket
import sys
import time

MOST_BYTES = 4 << 24


def gloo(address, port, world, rank):
    import torch
    import torch.distributed

    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"tcp://{address}:{port}", rank=rank, world_size=world)
    array = torch.zeros(MOST_BYTES // 4)

    def prepare(elements):
        part = array[:elements]
        return lambda: torch.distributed.all_reduce(part)

    return prepare


def memcpy(address, port, world, rank):
    """What every rank of an all-reduce reads and writes at least: as many bytes as its array has."""
    source = ctypes.create_string_buffer(MOST_BYTES)
    target = ctypes.create_string_buffer(MOST_BYTES)
    ctypes.memset(source, 1, MOST_BYTES)
    libc = ctypes.CDLL(None)
    libc.memcpy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    to, of = ctypes.addressof(target), ctypes.addressof(source)
    keep = (source, target)

    def prepare(elements):
        return lambda: keep and libc.memcpy(to, of, 4 * elements)

    return prepare


def pingpong(address, port, world, rank):
    """There and back: as many bytes as an all-reduce of two ranks moves."""
    if rank == 0:
        with socket.create_server((address, port)) as server:
            connection = server.accept()[0]
    else:
        connection = connect(address, port)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = memoryview(bytearray(MOST_BYTES))

    def receive(part):
        got = 0
        while got < len(part):
            got += connection.recv_into(part[got:])

    def prepare(elements):
        part = data[: 4 * elements]

        def ping():
            connection.sendall(part)
            receive(part)

        def pong():
            receive(part)
            connection.sendall(part)

        return ping if rank == 0 else pong

    return prepare


def connect(address, port):
    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection((address, port))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main():
    kind, address, port, world, rank = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    prepare = {"gloo": gloo, "memcpy": memcpy, "pingpong": pingpong}[kind](address, port, world, rank)
    print("ready", flush=True)
    for line in sys.stdin:
        elements, calls = map(int, line.split())
        call = prepare(elements)
        for _ in range(1 + calls // 4):
            call()
        start = time.perf_counter()
        for _ in range(calls):
            call()
        print((time.perf_counter() - start) / calls * 1e6, flush=True)


main()
