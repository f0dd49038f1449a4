package io.fabric4j.spark.internal.doctor;

import io.fabric4j.FabricException;
import io.fabric4j.spark.Diagnosis;
import io.fabric4j.spark.Verdict;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import io.fabric4j.spark.internal.launch.Launch;
import io.fabric4j.spark.internal.launch.Preflight;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;

/** All checks of a cluster: those of a launch, those that need more time, and a launch itself. */
public final class Examination {
  private final SparkContext context;
  private final Subject subject;
  private final List<Verdict> verdicts = new ArrayList<>();

  private Examination(SparkContext context, Subject subject) {
    this.context = context;
    this.subject = subject;
  }

  /** Runs the checks. */
  public static Diagnosis run(SparkContext context, Subject subject) {
    return new Examination(context, subject).run();
  }

  private Diagnosis run() {
    Preflight preflight = new Preflight(context, subject.options());
    verdicts.addAll(preflight.examine());
    int ranks = preflight.ranks().orElse(Math.max(1, subject.options().numWorkers()));
    verdicts.add(overhead(ranks));
    if (subject.checkpointFolder().isPresent()) {
      verdicts.add(driverStorage(subject.checkpoints()));
    }
    List<RankFacts> facts = isFailed() ? skipLaunch() : launch();
    return new Diagnosis(title(ranks), verdicts, facts.isEmpty() ? List.of() : RankTable.of(facts));
  }

  private String title(int ranks) {
    return context.master() + ", " + ranks + (ranks == 1 ? " rank" : " ranks");
  }

  private boolean isFailed() {
    return verdicts.stream().anyMatch(Verdict::isFailure);
  }

  private Verdict overhead(int ranks) {
    return subject
        .memoryNeed(ranks)
        .map(need -> OverheadCheck.examine(context.getConf(), need, ranks))
        .orElse(Verdict.skipped("memory overhead", "The number of parameters was not given."));
  }

  private Verdict driverStorage(String folder) {
    String problem = CheckpointProbe.run(new HadoopCheckpointIO(hadoop()), folder);
    return problem.isEmpty()
        ? Verdict.ok("driver's storage", "The driver can keep checkpoints in " + folder + ".")
        : Verdict.failed("driver's storage", problem, "");
  }

  private Configuration hadoop() {
    return context.hadoopConfiguration();
  }

  private List<RankFacts> skipLaunch() {
    verdicts.add(Verdict.skipped("launch", "Not tried, because a check before it failed."));
    return List.of();
  }

  private List<RankFacts> launch() {
    try {
      List<RankFacts> facts =
          Launch.run(
              context,
              subject.options(),
              List.of(),
              new RankProbe(hadoop(), subject.checkpoints()),
              List.of());
      verdicts.add(Verdict.ok("launch", "All ranks started, met and ended."));
      verdicts.addAll(new RankVerdicts(facts, subject).all(renewsTokens()));
      return facts;
    } catch (FabricException e) {
      verdicts.add(Verdict.failed("launch", e.getMessage(), ""));
      return List.of();
    }
  }

  private boolean renewsTokens() {
    return context.getConf().contains("spark.kerberos.keytab");
  }
}
