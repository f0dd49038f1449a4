#!/usr/bin/env python3
"""Packs a folder into pieces that each fit into one upload; unpack.py joins them.

A piece is an uncompressed zip of xz blocks, named FILE@OFFSET, with the manifest of the whole folder.
Blocks of zeros are left out. Blocks are independent, so that many cores unpack them.

    pack.py NAME FOLDER PIECES        # writes PIECES/NAME-01.zip, PIECES/NAME-02.zip, ...
"""
import concurrent.futures
import hashlib
import json
import lzma
import pathlib
import sys
import zipfile

BLOCK = 8 << 20
PIECE = 60_000_000
PRESET = 1  # a quarter of the time of 6 for a tenth more bytes


def compressed(block):
    path, offset = block
    with open(path, "rb") as file:
        file.seek(offset)
        data = file.read(BLOCK)
    return lzma.compress(data, preset=PRESET) if data.strip(b"\0") else None


def describe(path):
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stat = path.stat()
    return {"size": stat.st_size, "mode": stat.st_mode & 0o777, "sha256": digest}


def blocks(paths):
    return [(path, at) for path in paths for at in range(0, path.stat().st_size, BLOCK)]


def grouped(folder, paths):
    """Lists of (member name, xz bytes), each list as large as one piece may be."""
    piece, size = [], 0
    todo = blocks(paths)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for (path, offset), data in zip(todo, pool.map(compressed, todo)):
            if data is None:
                continue
            if size + len(data) > PIECE:
                yield piece
                piece, size = [], 0
            piece.append((f"{path.relative_to(folder)}@{offset}", data))
            size += len(data)
    yield piece


def main():
    name, folder, target = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {str(path.relative_to(folder)): describe(path) for path in paths}
    stamp = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    pieces = list(grouped(folder, paths))
    manifest = json.dumps({"files": files, "stamp": stamp, "pieces": len(pieces)})
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob(f"{name}-*.zip"):
        old.unlink()
    for number, members in enumerate(pieces, 1):
        piece = target / f"{name}-{number:02}.zip"
        with zipfile.ZipFile(piece, "w") as archive:
            archive.writestr("manifest.json", manifest)
            for member, data in members:
                archive.writestr(member, data)
        print(f"{piece}: {piece.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
