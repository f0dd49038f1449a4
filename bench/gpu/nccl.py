#!/usr/bin/env python3
"""Time of torch.distributed's NCCL all-reduce for 1..W ranks and several sizes, one JSON line per case.

    nccl.py [--most W] [--only W]      # 1 to as many GPUs as there are, 1 to W, or W alone
"""
import argparse
import json
import os
import statistics
import tempfile
import time

import torch
import torch.distributed
import torch.multiprocessing

SIZES = [4 << shift for shift in range(0, 27, 2)]  # bytes of float32, to 256 MiB
BLOCKS = 7


def steps(size):
    return 200 if size <= 1 << 20 else 20


def measure(size):
    """Median over blocks of the time of one all-reduce in place, and of its launch, in microseconds."""
    data = torch.zeros(size // 4, device="cuda")
    launches, times = [], []
    for block in range(-1, BLOCKS):
        torch.distributed.barrier()
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps(size)):
            torch.distributed.all_reduce(data)
        launched = time.perf_counter()
        torch.cuda.synchronize()
        if block >= 0:
            launches.append((launched - start) / steps(size) * 1e6)
            times.append((time.perf_counter() - start) / steps(size) * 1e6)
    return statistics.median(times), statistics.median(launches)


def rank_main(rank, world, address):
    torch.cuda.set_device(rank)
    torch.distributed.init_process_group(
        "nccl", init_method=address, rank=rank, world_size=world, device_id=torch.device("cuda", rank)
    )
    for size in SIZES:
        us, launch = measure(size)
        if rank == 0:
            bus = size / us * 2 * (world - 1) / world / 1e3
            case = {"side": "torch", "collective": "allreduce", "world": world, "bytes": size}
            figures = {"us": round(us, 2), "launch_us": round(launch, 2), "bus_gb_s": round(bus, 2)}
            print(json.dumps(case | figures), flush=True)
    torch.distributed.destroy_process_group()


def main():
    os.environ.setdefault("NCCL_NVLS_ENABLE", "0")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=torch.cuda.device_count())
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    for world in [arguments.only] if arguments.only else range(1, arguments.most + 1):
        with tempfile.TemporaryDirectory() as folder:
            address = f"file://{folder}/store"
            torch.multiprocessing.spawn(rank_main, (world, address), nprocs=world)


if __name__ == "__main__":
    main()
