#!/usr/bin/env python3
"""Runs two commands in turn and joins their JSON lines into a Markdown table with ratios.

Each command prints lines such as {"side": "lightning", "model": "mlp", "precision": "32-true", "us": 1167}.
The lines of both belong together by all of model, precision, collective, world and bytes.

    compare.py [--rounds 5] 'OURS COMMAND' 'THEIRS COMMAND'
"""
import argparse
import collections
import json
import statistics
import subprocess
import sys

KEYS = ["model", "precision", "collective", "world", "bytes"]


def run_lines(command):
    """The JSON lines that a command prints; all that it prints goes to stderr too."""
    process = subprocess.run(command, shell=isinstance(command, str), stdout=subprocess.PIPE, text=True)
    print(process.stdout, file=sys.stderr, flush=True)
    if process.returncode:
        sys.exit(f"{command}: exit status {process.returncode}")
    return [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]


def run(command):
    """Case to microseconds."""
    rows = run_lines(command)
    return {tuple((key, row[key]) for key in KEYS if key in row): row["us"] for row in rows}


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("commands", nargs=2)
    arguments = parser.parse_args()
    sides = [collections.defaultdict(list), collections.defaultdict(list)]
    for _ in range(arguments.rounds):
        for side, command in zip(sides, arguments.commands):
            for case, us in run(command).items():
                side[case].append(us)
    print("| case | ours, us: median (range) | theirs, us | theirs / ours |")
    print("| --- | ---: | ---: | ---: |")
    for case in sides[0]:
        if case in sides[1]:
            ours, theirs = sides[0][case], sides[1][case]
            ratio = statistics.median(theirs) / statistics.median(ours)
            name = " ".join(str(value) for _, value in case)
            print(f"| {name} | {spread(ours)} | {spread(theirs)} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
