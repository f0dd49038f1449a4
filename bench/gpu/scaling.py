#!/usr/bin/env python3
"""Scaling over the GPUs of a host, through Spark, beside torch.distributed and Lightning Fabric, as Markdown tables.

    scaling.py [--accelerator cuda] [--worlds 1,2] [--rounds 3] [--parts checks,allreduce,train] [--alone]

Ours runs as executors of local-cluster, one rank and GPU each. A round runs each command once, in turn.
Everything that the commands print goes to stderr.
"""
import argparse
import collections
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from compare import run_lines

HERE = pathlib.Path(__file__).parent
MAIN = "io.fabric4j.spark.benchmark.ScalingBenchmark"


class Runs:
    """Lines that belong together, over rounds."""

    def __init__(self):
        self.values = collections.defaultdict(list)

    def add(self, rows, keys, value):
        for row in rows:
            if value in row:
                self.values[tuple(row.get(key) for key in keys)].append(row[value])

    def median(self, *case):
        values = self.values.get(case)
        return statistics.median(values) if values else None


def ours(arguments, world, folder, *parts):
    return run_lines([str(HERE / "run"), "spark", MAIN, arguments.accelerator, str(world), folder, *parts])


def table(title, head, rows):
    print(f"\n{title}\n\n| {' | '.join(head)} |\n| {' | '.join(['---'] + ['---:'] * (len(head) - 1))} |")
    for row in rows:
        print(f"| {' | '.join('' if cell is None else str(cell) for cell in row)} |", flush=True)


def ratio(one, other):
    return f"{one / other:.2f}" if one and other else None


def checks(arguments, worlds, folder):
    """Sums, parity, memory and death, each once."""
    rows = []
    for world in worlds:
        parts = ["sums", "parity"] + (["kill"] if world > 1 else [])
        found = ours(arguments, world, folder, *parts)
        for strategy in ["ddp", "zero_stage_1", "zero_stage_2"] if world > 1 else []:
            found += ours(arguments, world, folder, f"memory={strategy}")
        rows += [row for row in found if "check" in row]
    for row in rows:
        detail = {key: value for key, value in row.items() if key not in ("check", "world")}
        row["detail"] = ", ".join(f"{key} {value}" for key, value in detail.items())
    table("Checks", ["check", "ranks", "result"], [[row["check"], row["world"], row["detail"]] for row in rows])


def allreduce(arguments, worlds, folder):
    runs = Runs()
    for _ in range(arguments.rounds):
        for world in worlds:
            rows = ours(arguments, world, folder, "allreduce")
            if not arguments.alone:
                rows += run_lines([sys.executable, str(HERE / "nccl.py"), "--only", str(world)])
            runs.add(rows, ["side", "world", "bytes"], "us")
    cells = []
    for side, world, size in runs.values:
        if side == "fabric4j":
            us, theirs = runs.median(side, world, size), runs.median("torch", world, size)
            bus = [f"{size / t * 2 * (world - 1) / world / 1e3:.2f}" if t else None for t in (us, theirs)]
            cells.append([f"{size:,}", world, us, theirs, *bus, ratio(theirs, us)])
    head = ["bytes", "ranks", "ours, us", "torch.distributed, us", "ours, bus GB/s", "torch.distributed, bus GB/s", "ours / torch"]
    table("All-reduce of float32", head, cells)


def train(arguments, worlds, folder):
    runs = Runs()
    for _ in range(arguments.rounds):
        for world in worlds:
            rows = ours(arguments, world, folder, "train")
            if not arguments.alone:
                rows += run_lines([sys.executable, str(HERE / "lightning.py"), "transformer", "--world", str(world),
                                   "--precision", "32-true", "bf16-mixed", "--scaling", "weak", "strong"])
            runs.add(rows, ["side", "precision", "scaling", "world"], "us")
    cells = []
    for side, precision, scaling, world in runs.values:
        if world > 1:
            us = runs.median(side, precision, scaling, world)
            alone = runs.median(side.replace("no-overlap", "overlap"), precision, "weak", 1)
            lightning = runs.median("lightning", precision, scaling, world)
            gain = ratio(alone, us)
            cells.append([side, precision, scaling, world, alone, us, gain, ratio(lightning, us)])
    head = ["side", "precision", "scaling", "ranks", "step of 1 rank, us", "step, us", "1 rank / ranks", "Lightning / this"]
    table("Training step; weak scaling is perfect at 1.00, strong at the number of ranks", head, cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accelerator", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--worlds", help="1,2,4...; powers of two up to the number of GPUs without")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", default="checks,allreduce,train")
    parser.add_argument("--alone", action="store_true", help="without torch.distributed and Lightning Fabric")
    arguments = parser.parse_args()
    if arguments.worlds:
        worlds = [int(world) for world in arguments.worlds.split(",")]
    else:
        gpus = len(subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout.splitlines())
        worlds = [1 << shift for shift in range(gpus.bit_length())]
    os.environ.setdefault("NCCL_NVLS_ENABLE", "0")
    with tempfile.TemporaryDirectory() as folder:
        for part in arguments.parts.split(","):
            {"checks": checks, "allreduce": allreduce, "train": train}[part](arguments, worlds, folder)


if __name__ == "__main__":
    main()
