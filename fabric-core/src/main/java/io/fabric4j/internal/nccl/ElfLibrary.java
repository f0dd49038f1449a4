package io.fabric4j.internal.nccl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The dynamic section of a 64-bit little-endian shared library. */
final class ElfLibrary {
  private static final int PROGRAM_HEADERS = 0x20;
  private static final int PROGRAM_HEADER_COUNT = 0x38;
  private static final int PROGRAM_HEADER_BYTES = 0x38;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int DYNAMIC_ENTRY_BYTES = 16;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_RUNPATH = 29;

  private final ByteBuffer bytes;

  ElfLibrary(byte[] library) {
    bytes = ByteBuffer.wrap(library.clone()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns the library with another one in place of a library that it needs. The new name takes
   * the place of the run path, which the result lacks; nothing else moves.
   *
   * @throws IllegalArgumentException if the library does not need {@code name}, or if its run path
   *     is too short
   */
  byte[] replaceNeeded(String name, String replacement) {
    int needed = entry(DT_NEEDED, name);
    int runPath = entry(DT_RUNPATH, null);
    if (needed < 0 || runPath < 0 || string(runPath).length() < replacement.length()) {
      throw new IllegalArgumentException(
          "The library does not need " + name + ", or has no room for " + replacement + ".");
    }
    byte[] text = (replacement + "\0").getBytes(StandardCharsets.US_ASCII);
    bytes.put(stringOffset(runPath), text);
    bytes.putLong(needed + Long.BYTES, bytes.getLong(runPath + Long.BYTES));
    bytes.putLong(runPath + Long.BYTES, 0);
    return bytes.array();
  }

  /** Returns the names of the libraries that this one needs. */
  List<String> needed() {
    List<String> names = new ArrayList<>();
    for (int at = segment(PT_DYNAMIC); bytes.getLong(at) != DT_NULL; at += DYNAMIC_ENTRY_BYTES) {
      if (bytes.getLong(at) == DT_NEEDED) {
        names.add(string(at));
      }
    }
    return names;
  }

  /** Returns the offset of the first entry with the tag and, unless null, the value; or -1. */
  private int entry(long tag, String value) {
    for (int at = segment(PT_DYNAMIC); bytes.getLong(at) != DT_NULL; at += DYNAMIC_ENTRY_BYTES) {
      if (bytes.getLong(at) == tag && (value == null || value.equals(string(at)))) {
        return at;
      }
    }
    return -1;
  }

  private String string(int entry) {
    int start = stringOffset(entry);
    int end = start;
    while (bytes.get(end) != 0) {
      end++;
    }
    return new String(bytes.array(), start, end - start, StandardCharsets.US_ASCII);
  }

  private int stringOffset(int entry) {
    long table = bytes.getLong(entry(DT_STRTAB, null) + Long.BYTES);
    return fileOffset(table + bytes.getLong(entry + Long.BYTES));
  }

  private int fileOffset(long address) {
    for (int i = 0; i < bytes.getShort(PROGRAM_HEADER_COUNT); i++) {
      int header = header(i);
      long start = bytes.getLong(header + 0x10);
      if (bytes.getInt(header) == PT_LOAD
          && address >= start
          && address < start + bytes.getLong(header + 0x20)) {
        return (int) (address - start + bytes.getLong(header + 8));
      }
    }
    throw new IllegalArgumentException("No segment holds address " + address + ".");
  }

  /** Returns the file offset of the first segment of a type. */
  private int segment(int type) {
    for (int i = 0; i < bytes.getShort(PROGRAM_HEADER_COUNT); i++) {
      if (bytes.getInt(header(i)) == type) {
        return (int) bytes.getLong(header(i) + 8);
      }
    }
    throw new IllegalArgumentException("The library has no segment of type " + type + ".");
  }

  private int header(int index) {
    return (int) bytes.getLong(PROGRAM_HEADERS) + index * PROGRAM_HEADER_BYTES;
  }
}
