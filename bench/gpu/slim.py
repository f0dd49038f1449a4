#!/usr/bin/env python3
"""Zeroes what one GPU generation never reads in a CUDA library.

A library carries its kernels once per generation, in fat binaries: a header, then entries of PTX,
machine code or IR for link-time optimisation. Sizes and offsets stay, so the library loads as before,
and the zeros compress away. Zeroed too: sections that only a linker or a debugger reads, and the
kernels of the static cuFFT in libtorch_cuda (they lie in .data), so that Fourier transforms fail.

    slim.py CAPABILITY FROM TO        # for example: slim.py 9.0 libtorch_cuda.so slim/libtorch_cuda.so
"""
import collections
import mmap
import os
import shutil
import struct
import sys

Entry = collections.namedtuple("Entry", "start end kind arch")
Section = collections.namedtuple("Section", "name start end loaded")
MAGIC = struct.pack("<I", 0xBA55ED50)
FAT_HEADER = struct.Struct("<4sHHQ")  # magic, version, header size, size of the entries
ENTRY_HEADER = struct.Struct("<HHIQ")  # kind, version, header size, size of the payload
ARCH_OFFSET = 28
KINDS = {1: "compute_", 2: "sm_", 8: "lto_"}
PTX, MACHINE_CODE = 1, 2
LINKER_SECTION = "__nv_relfatbin"  # what .nv_fatbin was linked from


def sections(data):
    """The sections of a 64-bit little-endian ELF file that have bytes in it."""
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    text = headers[names][4]
    for name, kind, flags, _, start, length in headers:
        end = data.find(b"\0", text + name)
        if kind not in (0, 8) and start != text:
            yield Section(data[text + name : end].decode(), start, start + length, flags & 2)


def fat_binaries(data):
    """The entries of each fat binary in the bytes of a library."""
    at = data.find(MAGIC)
    while at >= 0:
        _, version, header, size = FAT_HEADER.unpack_from(data, at)
        entries = None
        if version == 1 and header == FAT_HEADER.size and at + header + size <= len(data):
            entries = read_entries(data, at + header, at + header + size)
        if entries:
            yield entries
        at = data.find(MAGIC, at + header + size if entries else at + 1)


def read_entries(data, at, end):
    """None if the bytes only look like a fat binary."""
    entries = []
    while at + ENTRY_HEADER.size <= end:
        kind, _, header, size = ENTRY_HEADER.unpack_from(data, at)
        if kind not in KINDS or header < 64 or at + header + size > end:
            return None
        (arch,) = struct.unpack_from("<I", data, at + ARCH_OFFSET)
        if not 20 <= arch <= 130:
            return None
        entries.append(Entry(at + header, at + header + size, kind, arch))
        at += header + size
    return entries


def needed(entries, target):
    """What the driver chooses for the target: the nearest machine code, or else the newest PTX."""
    usable = [e for e in entries if e.kind == MACHINE_CODE and e.arch // 10 == target // 10]
    usable = usable or [e for e in entries if e.kind == PTX]
    newest = max((e.arch for e in usable if e.arch <= target), default=None)
    return [e for e in usable if e.arch == newest]


def zero(data, start, end):
    data[start:end] = bytes(end - start)


def slim(source, destination, target):
    """Counts bytes by section or by architecture: found, and kept."""
    shutil.copyfile(source, destination)
    found, kept = collections.Counter(), collections.Counter()
    with open(destination, "r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for section in list(sections(data)):
            if section.name == LINKER_SECTION or not section.loaded:
                found[section.name] += section.end - section.start
                zero(data, section.start, section.end)
        cufft = [s for s in sections(data) if s.name == ".data"]
        for entries in fat_binaries(data):
            own = any(s.start <= entries[0].start < s.end for s in cufft)
            keep = [] if own else needed(entries, target)
            for entry in entries:
                name = f"{'cuFFT ' if own else ''}{KINDS[entry.kind]}{entry.arch}"
                found[name] += entry.end - entry.start
                if entry in keep:
                    kept[name] += entry.end - entry.start
                else:
                    zero(data, entry.start, entry.end)
    return found, kept


def main():
    capability, source, destination = sys.argv[1:]
    found, kept = slim(source, destination, int(capability.replace(".", "")))
    whole, dropped = os.path.getsize(source), sum(found.values()) - sum(kept.values())
    print(f"{os.path.basename(source)}: {whole >> 20} MiB, {dropped >> 20} MiB of it zeroed")
    for name in sorted(found, key=found.get, reverse=True):
        if found[name] >= 1 << 20:
            print(f"    {name}: {found[name] >> 20} MiB, kept {kept[name] >> 20}")


if __name__ == "__main__":
    main()
