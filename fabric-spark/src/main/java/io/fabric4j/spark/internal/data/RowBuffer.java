package io.fabric4j.spark.internal.data;

import java.util.Arrays;
import org.apache.spark.unsafe.Platform;

/** The bytes of one row, column after column, in native order. */
final class RowBuffer {
  private byte[] bytes = new byte[1024];
  private int length;

  void clear() {
    length = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Makes room and returns where it begins. */
  private long reserve(int count) {
    int end = length + count;
    if (end > bytes.length || end < 0) {
      grow(count);
    }
    long address = Platform.BYTE_ARRAY_OFFSET + (long) length;
    length = end;
    return address;
  }

  private void grow(int count) {
    int end = Math.addExact(length, count);
    bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * end));
  }

  void put(float value) {
    long address = reserve(Float.BYTES);
    Platform.putFloat(bytes, address, value);
  }

  void put(int value) {
    long address = reserve(Integer.BYTES);
    Platform.putInt(bytes, address, value);
  }

  void put(long value) {
    long address = reserve(Long.BYTES);
    Platform.putLong(bytes, address, value);
  }

  void put(boolean value) {
    long address = reserve(1);
    Platform.putBoolean(bytes, address, value);
  }

  /**
   * Adds the memory of a primitive array.
   *
   * @param arrayOffset Platform's offset of its first element
   * @param count bytes
   */
  void put(Object array, int arrayOffset, int count) {
    long address = reserve(count);
    Platform.copyMemory(array, arrayOffset, bytes, address, count);
  }
}
