package io.fabric4j.spark.internal.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Follows one launch on the driver: which ranks run, what they report and how they fail. Spark's
 * listener thread writes, the thread that called launch reads.
 */
final class LaunchMonitor extends SparkListener {
  private final int barrierRdd;
  private final long reportsId;
  private final int ranks;
  private final ReportPrinter printer;
  private final HistoryRecorder history;
  private final RunObserver observer;
  private final Set<Long> runningTasks = new HashSet<>();
  private final Set<Integer> startedRanks = new HashSet<>();
  private final Map<Integer, Set<Integer>> endedRanks = new HashMap<>();
  private final Map<Integer, RankReport> reports = new TreeMap<>();
  private final List<RankFailure> failures = new ArrayList<>();
  private int jobId = -1;
  private int stageId = -1;
  private int attempt = -1;
  private boolean jobEnded;
  private long lastProgress = System.nanoTime();

  /**
   * Starts to follow.
   *
   * @param barrierRdd id of the RDD whose tasks are the ranks
   * @param reportsId id of the accumulator that carries reports
   */
  LaunchMonitor(
      int barrierRdd,
      long reportsId,
      int ranks,
      ReportPrinter printer,
      HistoryRecorder history,
      RunObserver observer) {
    this.barrierRdd = barrierRdd;
    this.reportsId = reportsId;
    this.ranks = ranks;
    this.printer = printer;
    this.history = history;
    this.observer = observer;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart event) {
    for (StageInfo stage : CollectionConverters.asJava(event.stageInfos())) {
      if (stage.rddInfos().exists(rdd -> rdd.id() == barrierRdd)) {
        jobId = event.jobId();
        stageId = stage.stageId();
      }
    }
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    if (event.stageInfo().stageId() == stageId) {
      attempt = event.stageInfo().attemptNumber();
      startedRanks.clear();
      reports.clear();
      history.attempt(attempt);
      observer.attempt(attempt);
      progress();
    }
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart event) {
    if (event.stageId() == stageId) {
      runningTasks.add(event.taskInfo().taskId());
      if (event.stageAttemptId() == attempt) {
        startedRanks.add(event.taskInfo().index());
        history.started(event.taskInfo().index(), event.taskInfo().host());
        observer.started(event.taskInfo().index(), event.taskInfo().host());
        progress();
      }
    }
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    event
        .accumUpdates()
        .foreach(
            update -> {
              accept(update._4());
              return null;
            });
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.stageId() != stageId) {
      return;
    }
    accept(event.taskInfo().accumulables().toSeq());
    if (event.reason() != Success$.MODULE$) {
      fail(event);
    }
    ended(event.stageAttemptId()).add(event.taskInfo().index());
    runningTasks.remove(event.taskInfo().taskId());
    notifyAll();
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd event) {
    if (event.jobId() == jobId) {
      jobEnded = true;
      notifyAll();
    }
  }

  /** A session that stops tells no more of its jobs. */
  @Override
  public synchronized void onApplicationEnd(SparkListenerApplicationEnd event) {
    jobEnded = true;
    runningTasks.clear();
    notifyAll();
  }

  private void accept(Seq<AccumulableInfo> updates) {
    for (AccumulableInfo info : CollectionConverters.asJava(updates)) {
      if (info.id() == reportsId && info.update().isDefined()) {
        accept((RankReport) info.update().get());
      }
    }
  }

  private void accept(RankReport report) {
    if (report.rank() == 0) {
      printer.accept(report);
    }
    // A heartbeat may be overtaken by the end of its task.
    if (report.attempt() == attempt && !ended(attempt).contains(report.rank())) {
      RankReport before = reports.put(report.rank(), report);
      if (before == null || before.phase() != report.phase() || before.rows() != report.rows()) {
        progress();
      }
      history.accept(report);
      observer.accept(report);
    }
  }

  private void fail(SparkListenerTaskEnd event) {
    RankFailedException.from(event.reason()).ifPresent(e -> accept(e.report()));
    int rank = event.taskInfo().index();
    RankReport last = event.stageAttemptId() == attempt ? reports.get(rank) : null;
    RankFailure failure =
        RankFailure.of(event.stageAttemptId(), rank, ranks, event.taskInfo().host(), event.reason())
            .withLog(last == null ? List.of() : last.log().items());
    failures.add(failure);
    observer.failed(failure);
  }

  private Set<Integer> ended(int ofAttempt) {
    return endedRanks.computeIfAbsent(ofAttempt, unused -> new HashSet<>());
  }

  private void progress() {
    lastProgress = System.nanoTime();
  }

  /** Returns the failure that best explains why the launch failed. */
  synchronized Optional<RankFailure> failure() {
    return failures.stream()
        .max(
            Comparator.comparing((RankFailure failure) -> isFatal(failure.attempt()))
                // Spark may have begun to run the stage again when its job was cancelled.
                .thenComparing(failure -> failure.kind() != RankFailure.Kind.KILLED)
                .thenComparing(RankFailure::attempt)
                .thenComparing(RankFailure::kind));
  }

  /**
   * Returns the failure that ends the launch though Spark would run the stage again, or has begun
   * to.
   */
  synchronized Optional<RankFailure> fatalFailure() {
    return failure().filter(failure -> isFatal(failure.attempt()));
  }

  /** Running again helps after the loss of an executor, but code that failed would fail again. */
  private boolean isFatal(int failed) {
    List<RankFailure.Kind> kinds =
        failures.stream().filter(f -> f.attempt() == failed).map(RankFailure::kind).toList();
    boolean allEnded = ended(failed).size() == ranks;
    return kinds.contains(RankFailure.Kind.OWN)
        || (allEnded && !kinds.isEmpty() && !kinds.contains(RankFailure.Kind.LOST));
  }

  /**
   * Returns what the start is waiting for, if it has stood still for too long.
   *
   * @param reportDelay how late a report may arrive
   */
  synchronized Optional<String> standstill(Duration timeout, Duration reportDelay) {
    boolean upstream = jobId >= 0 && attempt < 0;
    boolean allStarted = startedRanks.size() == ranks;
    long running =
        reports.values().stream().filter(r -> r.phase() == RankReport.Phase.RUNNING).count();
    Duration limit = allStarted ? timeout.plus(reportDelay) : timeout;
    if (upstream || running == ranks || System.nanoTime() - lastProgress < limit.toNanos()) {
      return Optional.empty();
    }
    if (!allStarted) {
      return Optional.of(
          startedRanks.size()
              + " of "
              + ranks
              + " ranks have started. Other jobs may hold the task"
              + " slots: wait for them or stop them");
    }
    return Optional.of(waiting() + ". Look at the logs of their executors");
  }

  private String waiting() {
    List<String> states = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      RankReport report = reports.get(rank);
      if (report == null) {
        states.add("rank " + rank + " has not reported");
      } else if (report.phase() != RankReport.Phase.RUNNING) {
        states.add("rank " + rank + " is " + report.phase() + " (" + report.rows() + " rows)");
      }
    }
    return String.join(", ", states);
  }

  /** Tells the observer that time passes. */
  void tick() {
    observer.tick();
  }

  /** Waits until the job and all ranks have ended, but not longer than a time. */
  synchronized void awaitEnd(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!(jobEnded && runningTasks.isEmpty())) {
      long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (millis <= 0) {
        return;
      }
      wait(millis);
    }
  }
}
