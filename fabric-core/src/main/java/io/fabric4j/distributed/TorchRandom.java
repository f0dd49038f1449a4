package io.fabric4j.distributed;

/**
 * The random permutations of PyTorch's CPU generator: a Mersenne Twister (MT19937) seeded, as
 * there, with the low 32 bits of the seed. Seeds that differ by a multiple of 2^32 give the same
 * order.
 */
final class TorchRandom {
  /** From this length on, UINT32_MAX / 20, PyTorch 2.7 draws 64 bits to keep the modulo fair. */
  private static final int LARGE = 214_748_364;

  private static final int STATE_SIZE = 624;
  private static final int SHIFT_SIZE = 397;

  private final int[] state = new int[STATE_SIZE];
  private int position = STATE_SIZE;

  TorchRandom(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < STATE_SIZE; i++) {
      state[i] = 1_812_433_253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** Returns 0 to {@code length - 1} in the order of {@code torch.randperm(length)}. */
  int[] permutation(int length) {
    return length < LARGE ? shuffled(length) : shuffledWithLongDraws(length);
  }

  private int[] shuffled(int length) {
    int[] order = new int[length];
    for (int i = 0; i < length; i++) {
      order[i] = i;
    }
    for (int i = 0; i < length - 1; i++) {
      int other = i + Integer.remainderUnsigned(nextInt(), length - i);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    return order;
  }

  int[] shuffledWithLongDraws(int length) {
    int[] order = new int[length];
    for (int i = 0; i < length; i++) {
      int other = (int) Long.remainderUnsigned(nextLong(), i + 1L);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  private long nextLong() {
    long high = nextInt();
    return (high << 32) | Integer.toUnsignedLong(nextInt());
  }

  private int nextInt() {
    if (position == STATE_SIZE) {
      twist();
      position = 0;
    }
    int word = state[position++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return word ^ (word >>> 18);
  }

  private void twist() {
    for (int i = 0; i < STATE_SIZE; i++) {
      int mixed = (state[i] & 0x80000000) | (state[(i + 1) % STATE_SIZE] & 0x7fffffff);
      int twisted = (mixed >>> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908b0df);
      state[i] = state[(i + SHIFT_SIZE) % STATE_SIZE] ^ twisted;
    }
  }
}
