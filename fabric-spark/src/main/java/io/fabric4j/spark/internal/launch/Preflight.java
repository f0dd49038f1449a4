package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds in seconds what would make Spark wait for minutes, or fail without saying why. A launch
 * stops at the first failure, {@link io.fabric4j.spark.FabricDoctor} tells all that the checks
 * found.
 */
public final class Preflight {
  private static final Logger LOGGER = LoggerFactory.getLogger(Preflight.class);

  private final SparkContext context;
  private final SparkFabricOptions options;
  private RankResources resources;
  private SlotCheck slots;

  /**
   * Prepares the checks.
   *
   * @throws IllegalStateException if the session has been stopped
   */
  public Preflight(SparkContext context, SparkFabricOptions options) {
    if (context.isStopped()) {
      throw new IllegalStateException(
          "Cannot launch: the SparkSession has been stopped. Create one with"
              + " SparkSession.builder().getOrCreate().");
    }
    this.context = context;
    this.options = options;
  }

  /** Runs all checks and returns what each found. */
  public List<Verdict> examine() {
    return checks().stream().map(Supplier::get).toList();
  }

  /** Returns the number of ranks that a launch would start; empty if they could not be placed. */
  public Optional<Integer> ranks() {
    return Optional.ofNullable(slots).map(SlotCheck::ranks);
  }

  /**
   * Checks that a launch can work here.
   *
   * @throws FabricException if the cluster cannot run the ranks
   */
  static LaunchPlan check(SparkContext context, SparkFabricOptions options) {
    Preflight preflight = new Preflight(context, options);
    for (Supplier<Verdict> check : preflight.checks()) {
      Verdict verdict = check.get();
      if (verdict.isFailure()) {
        throw new FabricException(verdict.message());
      }
      if (verdict.status() == Verdict.Status.WARNING) {
        LOGGER.warn("{}", verdict.message());
      }
    }
    SlotCheck slots = preflight.slots;
    return new LaunchPlan(slots.ranks(), preflight.resources.profile(), slots.count());
  }

  private List<Supplier<Verdict>> checks() {
    SparkConf conf = context.getConf();
    return List.of(
        () -> ofCluster("allocation", () -> BarrierSettings.allocation(conf)),
        () -> ofCluster("encryption", () -> BarrierSettings.encryption(conf, options)),
        () -> BarrierSettings.locality(conf),
        () -> BarrierSettings.rendezvous(conf, options),
        () -> ofCluster("retries", () -> BarrierSettings.attempts(conf)),
        this::accelerator,
        this::totalSlots,
        this::freeSlots);
  }

  private Verdict ofCluster(String check, Supplier<Verdict> verdict) {
    return context.isLocal()
        ? Verdict.skipped(
            check, "Does not concern ranks within the driver (" + context.master() + ").")
        : verdict.get();
  }

  private Verdict accelerator() {
    String name = options.fabric().accelerator();
    try {
      resources = RankResources.of(context, name);
    } catch (FabricException e) {
      return Verdict.failed("accelerator", e.getMessage(), "");
    }
    return Verdict.ok("accelerator", "'" + name + "': " + resources.describe());
  }

  private Verdict totalSlots() {
    if (resources == null) {
      return Verdict.skipped("task slots", "It is not known what a rank needs.");
    }
    Duration patience = context.isLocal() ? Duration.ZERO : options.executorTimeout();
    slots = SlotCheck.await(options.numWorkers(), () -> TaskSlots.of(context, resources), patience);
    return slots.total();
  }

  private Verdict freeSlots() {
    return slots == null
        ? Verdict.skipped("free slots", "It is not known what a rank needs.")
        : slots.free();
  }
}
