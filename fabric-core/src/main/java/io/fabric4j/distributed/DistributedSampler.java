package io.fabric4j.distributed;

/**
 * The rows that one rank visits in an epoch, in the order of PyTorch's {@code
 * torch.utils.data.DistributedSampler}.
 *
 * <p>All ranks see the same permutation, drawn from {@code seed + epoch}; rank {@code r} of {@code
 * R} takes its positions {@code r, r + R, r + 2R, ...}. Every rank gets equally many rows: unless
 * {@linkplain Builder#dropLast() dropped}, a tail that cannot be shared out is filled up with the
 * permutation's head, so a few rows are visited twice. No rows give an empty epoch on every rank.
 *
 * <p>With one replica, which is the default, it is a random sampler for one process:
 *
 * <pre>{@code
 * DistributedSampler sampler =
 *     DistributedSampler.builder(rows).replicas(worldSize).rank(globalRank).seed(42).build();
 * for (long row : sampler.indices(epoch)) { ... }
 * }</pre>
 *
 * <p>All ranks must use the same size, replicas, seed and epoch: otherwise their rows overlap, and
 * nothing reports it. Instances are immutable and may be shared between threads.
 */
public final class DistributedSampler {
  /** A length that every Java virtual machine can allocate. */
  private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private final long size;
  private final int replicas;
  private final int rank;
  private final long seed;
  private final boolean shuffle;
  private final boolean dropLast;

  private DistributedSampler(Builder builder) {
    size = builder.size;
    replicas = builder.replicas;
    rank = builder.rank;
    seed = builder.seed;
    shuffle = builder.shuffle;
    dropLast = builder.dropLast;
  }

  /**
   * Returns a builder of samplers with PyTorch's defaults: shuffled with seed 0, tail filled up.
   *
   * @param size number of rows over all ranks
   */
  public static Builder builder(long size) {
    return new Builder(size);
  }

  /** Returns how many rows each rank visits in an epoch. */
  public long length() {
    long remainder = size % replicas;
    return size / replicas + (remainder == 0 || dropLast ? 0 : 1);
  }

  /**
   * Returns the rows of this rank in visiting order, each from 0 to {@code size - 1}. A shuffled
   * call needs 4 bytes of working memory for each row of all ranks.
   *
   * @param epoch number of the epoch; together with the seed it determines the order
   */
  public long[] indices(long epoch) {
    int[] order = shuffle ? new TorchRandom(seed + epoch).permutation((int) size) : null;
    long[] indices = new long[(int) length()];
    for (int i = 0; i < indices.length; i++) {
      long position = (rank + (long) i * replicas) % size;
      indices[i] = shuffle ? order[(int) position] : position;
    }
    return indices;
  }

  /** Builder of {@link DistributedSampler}s. */
  public static final class Builder {
    private final long size;
    private int replicas = 1;
    private int rank;
    private long seed;
    private boolean shuffle = true;
    private boolean dropLast;

    private Builder(long size) {
      this.size = size;
    }

    /** Sets the number of ranks that share the rows; 1 by default. */
    public Builder replicas(int replicas) {
      this.replicas = replicas;
      return this;
    }

    /** Sets the rank whose rows are sampled; 0 by default. */
    public Builder rank(int rank) {
      this.rank = rank;
      return this;
    }

    /** Sets the seed, 0 by default. As in PyTorch, only its low 32 bits make a difference. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Visits the rows in ascending order in every epoch. */
    public Builder sequential() {
      shuffle = false;
      return this;
    }

    /** Leaves out the rows that cannot be shared out evenly, other ones in each shuffled epoch. */
    public Builder dropLast() {
      dropLast = true;
      return this;
    }

    /**
     * Returns the sampler.
     *
     * @throws IllegalArgumentException if the size is negative, if there is no replica, if the rank
     *     lies outside the replicas, or if there are more rows than a Java array holds (of all
     *     ranks when shuffled, of one rank when sequential)
     */
    public DistributedSampler build() {
      if (size < 0) {
        throw new IllegalArgumentException(
            "Cannot sample from " + size + " rows. Set size to the number of rows, 0 or more.");
      }
      if (replicas < 1) {
        throw new IllegalArgumentException(
            "Cannot share rows among "
                + replicas
                + " replicas. Set replicas to the world size, 1 or more.");
      }
      if (rank < 0 || rank >= replicas) {
        throw new IllegalArgumentException(
            "Rank "
                + rank
                + " lies outside "
                + replicas
                + " replicas. Ranks go from 0 to "
                + (replicas - 1)
                + ".");
      }
      DistributedSampler sampler = new DistributedSampler(this);
      if (shuffle && size > MAX_ARRAY_LENGTH) {
        throw new IllegalArgumentException(
            "Cannot shuffle "
                + size
                + " rows: the permutation would exceed a Java array ("
                + MAX_ARRAY_LENGTH
                + "). Use sequential(), or shard the data before sampling.");
      }
      if (sampler.length() > MAX_ARRAY_LENGTH) {
        throw new IllegalArgumentException(
            "Cannot list the "
                + sampler.length()
                + " rows of one rank: they would exceed a Java array ("
                + MAX_ARRAY_LENGTH
                + "). Use more replicas, or shard the data before sampling.");
      }
      return sampler;
    }
  }
}
