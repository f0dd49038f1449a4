#!/usr/bin/env python3
"""Unpacks the pieces that pack.py made, those of one folder in any order and over several calls.

A piece that is there already is skipped; a piece of a folder packed anew replaces the folder. With the
last piece of a folder its files are compared with their checksums.

    unpack.py FOLDER PIECE...         # NAME-01.zip goes to FOLDER/NAME
"""
import concurrent.futures
import hashlib
import json
import lzma
import pathlib
import shutil
import sys
import zipfile


def block(piece, root, member):
    path, offset = member.rsplit("@", 1)
    with zipfile.ZipFile(piece) as archive, open(root / path, "r+b") as file:
        file.seek(int(offset))
        file.write(lzma.decompress(archive.read(member)))


def fits(root, name, expected):
    with open(root / name, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == expected["sha256"]


def begin(root, files, stamp):
    """Empty files of the final sizes: what no block covers is zero."""
    shutil.rmtree(root, ignore_errors=True)
    for name, expected in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.truncate(expected["size"])
        path.chmod(expected["mode"])
    (root / ".unpacked").write_text(stamp + "\n")


def unpack(pool, target, piece):
    """The number of pieces of the folder that are still missing."""
    with zipfile.ZipFile(piece) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        members = [name for name in archive.namelist() if "@" in name]
    root = target / piece.stem.rsplit("-", 1)[0]
    files, stamp = manifest["files"], manifest["stamp"]
    state = root / ".unpacked"
    if not state.exists() or state.read_text().split()[0] != stamp:
        begin(root, files, stamp)
    if piece.stem not in state.read_text().split():
        count = len(members)
        list(pool.map(block, [piece] * count, [root] * count, members))
        with open(state, "a") as file:
            file.write(piece.stem + "\n")
        missing = manifest["pieces"] + 1 - len(state.read_text().split())
        if not missing:
            good = pool.map(fits, [root] * len(files), files, files.values())
            bad = [name for name, same in zip(files, good) if not same]
            if bad:
                shutil.rmtree(root)
                sys.exit(f"{root}: other contents than were packed, send all pieces again: {bad}")
        print(f"{piece.name}: unpacked to {root}, {missing} pieces missing", flush=True)


def main():
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for piece in sys.argv[2:]:
            unpack(pool, pathlib.Path(sys.argv[1]), pathlib.Path(piece))


if __name__ == "__main__":
    main()
