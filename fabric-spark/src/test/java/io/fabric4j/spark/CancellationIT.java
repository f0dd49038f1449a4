package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long the slots and the memory of a cancelled launch are taken, whatever its ranks are at. */
@Timeout(120)
class CancellationIT extends SparkTest {
  private static final int RANKS = 4;
  private static final String TAG = "cancelled";

  /** 1 GiB of rows in all. */
  private static final int ROWS = 1 << 14;

  private static final int WIDTH = 1 << 14;

  /** Shared with the ranks, which are threads of this process. */
  private static volatile CountDownLatch reached;

  private static volatile CyclicBarrier slots;

  /** What the ranks do when they are cancelled. */
  private enum Phase {
    /** All ranks read rows, and their code does not heed interrupts. */
    READING,
    /** Three ranks wait for the last one, which reads. */
    MEETING,
    /** Batch after batch. */
    TRAINING,
    /** Native calls of about half a second each. */
    COMPUTING,
    /** Three ranks wait in a collective for one that computes. */
    WAITING,
    /** Rank 0 writes a checkpoint to slow storage beside its native calls. */
    SAVING
  }

  @BeforeAll
  static void addSlowStorage() {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .setClass("fs.slow.impl", SlowFileSystem.class, FileSystem.class);
  }

  @ParameterizedTest
  @EnumSource
  void freesSlotsAndMemory(Phase phase) throws Exception {
    cancel(phase, Duration.ofSeconds(10));
  }

  /** Needs a machine that does nothing else. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void freesSlotsWithinTwoSeconds(Phase phase) throws Exception {
    cancel(phase, Duration.ofSeconds(2));
  }

  private static void cancel(Phase phase, Duration limit) throws Exception {
    awaitSlots();
    long before = residentBytes();
    reached = new CountDownLatch(1);
    CompletableFuture<Integer> launch = CompletableFuture.supplyAsync(() -> launch(phase));
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    Thread.sleep(1500);
    long during = residentBytes();

    long start = System.nanoTime();
    spark.sparkContext().cancelJobsWithTag(TAG);
    awaitSlots();
    Duration free = Duration.ofNanos(System.nanoTime() - start);
    assertThatThrownBy(() -> launch.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(FabricException.class)
        .hasMessageContaining("cancelled");
    Duration ended = Duration.ofNanos(System.nanoTime() - start);

    long after = residentBytes();
    System.out.printf(
        Locale.ROOT,
        "Cancelled while %s: slots free after %.2f s, launch ended after %.2f s, memory %,d MiB"
            + " before, %,d during, %,d after%n",
        phase.name().toLowerCase(Locale.ROOT),
        free.toMillis() / 1e3,
        ended.toMillis() / 1e3,
        before >> 20,
        during >> 20,
        after >> 20);
    assertThat(free).isLessThan(limit);
    if (phase == Phase.TRAINING) {
      assertThat(during - before).isGreaterThan(1L << 29);
      assertThat(after - before).isLessThan((during - before) / 2);
    }
  }

  /** Returns when every slot runs a task of this job. */
  private static void awaitSlots() {
    slots = new CyclicBarrier(RANKS);
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, RANKS).boxed().toList(), RANKS)
        .foreach(slot -> slots.await(60, TimeUnit.SECONDS));
  }

  private static long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .sum();
  }

  private static int launch(Phase phase) {
    spark.sparkContext().addJobTag(TAG);
    try {
      return SparkFabric.builder(spark)
          .numWorkers(RANKS)
          .input("train", rows(phase), mapper(phase))
          .build()
          .launch((fabric, shards) -> run(phase, fabric, shards.get("train")));
    } finally {
      spark.sparkContext().removeJobTag(TAG);
    }
  }

  private static JavaRDD<Integer> rows(Phase phase) {
    List<Integer> ranks = IntStream.range(0, RANKS).boxed().toList();
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(ranks, RANKS)
        .flatMap(
            rank ->
                IntStream.range(0, phase == Phase.MEETING && rank < RANKS - 1 ? 0 : ROWS / RANKS)
                    .iterator());
  }

  private static RowMapper<Integer> mapper(Phase phase) {
    boolean slow = phase == Phase.READING || phase == Phase.MEETING;
    float[] filling = new float[slow ? 1 : WIDTH];
    return (row, writer) -> {
      if (slow) {
        reached.countDown();
        spin(Duration.ofMillis(20));
      }
      writer.put("x", filling);
    };
  }

  /** Takes its time, and ignores interrupts. */
  private static void spin(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static int run(Phase phase, Fabric fabric, Shard shard) throws IOException {
    if (phase == Phase.SAVING) {
      save(fabric);
    } else if (phase == Phase.COMPUTING || (phase == Phase.WAITING && fabric.globalRank() == 0)) {
      compute(fabric);
    } else if (phase == Phase.WAITING) {
      fabric.barrier();
    } else {
      train(fabric, shard);
    }
    return 0;
  }

  private static void save(Fabric fabric) throws IOException {
    NDArray weights = fabric.manager().zeros(new Shape(1 << 24), DataType.FLOAT32);
    fabric.saveAsync("slow:/tmp/fabric-cancelled.safetensors", Map.of("weights", weights));
    compute(fabric);
  }

  private static void compute(Fabric fabric) {
    for (int i = 0; i < 60 && !Thread.currentThread().isInterrupted(); i++) {
      try (NDManager manager = fabric.manager().newSubManager()) {
        NDArray matrix = manager.ones(new Shape(2000, 2000));
        reached.countDown();
        matrix.matMul(matrix).getFloat(0, 0);
      }
    }
    throw new FabricException("Interrupted.");
  }

  private static void train(Fabric fabric, Shard shard) {
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of("x"), List.of())).batchSize(256));
    while (true) {
      for (FabricBatch batch : loader) {
        batch.getData().singletonOrThrow().mul(2).sum().getFloat();
        reached.countDown();
      }
    }
  }

  /** Takes a tenth of a second for each write. */
  public static final class SlowFileSystem extends RawLocalFileSystem {
    private URI uri;

    @Override
    public void initialize(URI name, Configuration configuration) throws IOException {
      uri = URI.create(name.getScheme() + ":///");
      super.initialize(uri, configuration);
    }

    @Override
    public URI getUri() {
      return uri == null ? super.getUri() : uri; // the superclass asks before initialize
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path path,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return new FSDataOutputStream(new SlowStream(), null);
    }
  }

  private static final class SlowStream extends OutputStream {

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
    }
  }
}
