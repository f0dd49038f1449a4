package io.fabric4j.internal.torch;

import com.sun.jna.Native;

/** What the kernel is told about pages of a mapped file. Advice that it refuses is no failure. */
final class PageAdvice {
  private static final int RANDOM = 1;
  private static final int WILL_NEED = 3;
  private static final long PAGE_BYTES = 4096;

  static {
    Native.register(PageAdvice.class, "c");
  }

  private PageAdvice() {}

  private static native int posix_madvise(long address, long bytes, int advice);

  /** A page fault reads its page only, and not its neighbours. */
  static void random(long address, long bytes) {
    advise(address, bytes, RANDOM);
  }

  /** Starts to read pages and does not wait for them. */
  static void willNeed(long address, long bytes) {
    advise(address, bytes, WILL_NEED);
  }

  private static void advise(long address, long bytes, int advice) {
    long start = address & -PAGE_BYTES;
    posix_madvise(start, address + bytes - start, advice);
  }
}
