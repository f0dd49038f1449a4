package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.collectives.ArrayGather;
import io.fabric4j.internal.collectives.Metrics;
import io.fabric4j.internal.collectives.RankZeroFirst;
import io.fabric4j.internal.collectives.TreeBroadcast;
import io.fabric4j.internal.collectives.TreeGather;
import io.fabric4j.internal.collectives.TreeReduction;
import io.fabric4j.internal.metrics.Scalars;
import io.fabric4j.loggers.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** What a rank knows of itself, does with the other ranks, and tells the outside. */
abstract sealed class RankOperations permits Fabric {
  private static final Duration RANK_ZERO_DEADLINE = Duration.ofHours(24);

  private final RankInfo rank;
  private final RankContext context;
  private final List<Logger> loggers;
  private final RankOutput output;

  RankOperations(RankInfo rank, RankContext context, List<Logger> loggers, RankOutput output) {
    this.rank = rank;
    this.context = context;
    this.loggers = loggers;
    this.output = output;
  }

  /** Throws if a method that needs all ranks is called before launch. */
  abstract void checkLaunched(String method);

  RankInfo rank() {
    return rank;
  }

  RankContext context() {
    return context;
  }

  /** Returns the rank, 0 to {@code worldSize() - 1}. */
  public int globalRank() {
    return rank.globalRank();
  }

  /** Returns the position among the ranks of the same host. */
  public int localRank() {
    return rank.localRank();
  }

  /** Returns the position of the host. */
  public int nodeRank() {
    return rank.nodeRank();
  }

  /** Returns the number of ranks. */
  public int worldSize() {
    return rank.worldSize();
  }

  /** Returns whether this is rank 0. */
  public boolean isGlobalZero() {
    return rank.isGlobalZero();
  }

  /** Returns the ranks and their collectives. */
  public ProcessGroup processGroup() {
    checkLaunched("processGroup");
    return context.group();
  }

  /** Waits until all ranks have called it. */
  public void barrier() {
    checkLaunched("barrier");
    context.group().barrier().waitFor();
  }

  /**
   * Averages data over all ranks; see {@link #allReduce(Object, ReduceOp)}.
   *
   * @throws io.fabric4j.distributed.ProcessGroupException as every collective
   */
  public <T> T allReduce(T data) {
    return allReduce(data, ReduceOp.AVG);
  }

  /**
   * Combines data of all ranks. Every rank must call it, with data of the same structure. The
   * elements of an NDArray are replaced in place; numbers are returned in their own type, a mean of
   * integers truncated toward zero. All numbers of one call travel together.
   *
   * @param data NDArrays, NDLists, numbers, booleans, primitive arrays, and Lists, Maps and records
   *     of them; other objects, such as strings, are returned as they are
   * @param op how to combine
   * @return data of the same structure
   */
  public <T> T allReduce(T data, ReduceOp op) {
    checkLaunched("allReduce");
    return TreeReduction.allReduce(context.group(), context.hostManager(), data, op);
  }

  /**
   * Gathers an equally shaped array of each rank. Every rank must call it. No gradient is recorded.
   *
   * @param array shape {@code (...)}
   * @return a new array of shape {@code (worldSize, ...)}, also with one rank, where upstream
   *     leaves the dimension out
   */
  public NDArray allGather(NDArray array) {
    checkLaunched("allGather");
    return ArrayGather.allGather(context.group(), array);
  }

  /**
   * Gathers nested data of each rank. Every rank must call it, with data of the same structure.
   *
   * @param data NDArrays, NDLists, numbers, booleans, primitive arrays, and Lists and Maps of them
   * @return data of the same structure, where each number or array is an NDArray with a first
   *     dimension of the ranks; other objects, such as strings, stay as they are
   */
  public Object allGather(Object data) {
    checkLaunched("allGather");
    return TreeGather.allGather(context.group(), context.manager(), data);
  }

  /**
   * Gathers an equally shaped array of each rank within the graph: backward sums the gradients of
   * the result over the ranks. Every rank must call it and run {@link Fabric#backward} through it.
   *
   * @param array shape {@code (...)}, part of a graph
   * @return a new array of shape {@code (worldSize, ...)}, owned by the input's manager
   */
  public NDArray allGatherWithGradients(NDArray array) {
    checkLaunched("allGatherWithGradients");
    return context.differentiable().allGather(array);
  }

  /**
   * Gathers an array of each rank whose first dimensions may differ. Every rank must call it.
   *
   * @param array shape {@code (n, ...)}, where n may be 0
   * @return new arrays, in rank order
   */
  public NDList allGatherUneven(NDArray array) {
    checkLaunched("allGatherUneven");
    return ArrayGather.allGatherUneven(context.group(), array);
  }

  /**
   * Gathers and concatenates an array of each rank along the first dimension, which may differ.
   * Every rank must call it.
   *
   * @param array shape {@code (n, ...)}, where n may be 0
   * @return a new array of shape {@code (sum of n, ...)}, in rank order
   */
  public NDArray allGatherConcat(NDArray array) {
    checkLaunched("allGatherConcat");
    return ArrayGather.allGatherConcat(context.group(), array);
  }

  /** Returns an object of rank 0 on every rank; see {@link #broadcast(Object, int)}. */
  public <T> T broadcast(T object) {
    return broadcast(object, 0);
  }

  /**
   * Returns an object of one rank on every rank. Every rank must call it. NDArrays and NDLists
   * anywhere in it travel as tensors; other ranks get new ones, owned by {@code manager()}.
   *
   * @param object what the source sends, serializable but for NDArrays; ignored on other ranks
   * @param source the global rank that sends
   * @throws IllegalArgumentException on every rank if it is not serializable
   */
  public <T> T broadcast(T object, int source) {
    checkLaunched("broadcast");
    return TreeBroadcast.broadcast(context.group(), context.manager(), object, source);
  }

  /**
   * Runs code on rank 0 first and on the others afterwards, for example to download once and read
   * everywhere. Every rank must call it; nobody returns before all have finished. A failure on any
   * rank ends the call on all of them, where upstream would hang.
   *
   * @return what the code returns on this rank
   * @throws Exception what the code throws on this rank
   * @throws FabricException if it failed on another rank; the message names the rank
   */
  public <R> R rankZeroFirst(Callable<R> code) throws Exception {
    checkLaunched("rankZeroFirst");
    return RankZeroFirst.run(context.group(), isGlobalZero(), RANK_ZERO_DEADLINE, code);
  }

  /** Runs code on the first rank of each host first; see {@link #rankZeroFirst}. */
  public <R> R localRankZeroFirst(Callable<R> code) throws Exception {
    checkLaunched("localRankZeroFirst");
    return RankZeroFirst.run(context.group(), localRank() == 0, RANK_ZERO_DEADLINE, code);
  }

  /**
   * Averages named metrics over the ranks in one collective. Every rank must call it.
   *
   * @param metrics the same names on every rank
   * @param weight of this rank's values, for example its number of rows
   * @return the weighted means
   */
  public Map<String, Double> reduceMetrics(Map<String, ? extends Number> metrics, double weight) {
    checkLaunched("reduceMetrics");
    return Metrics.reduce(context.group(), metrics, weight);
  }

  /** Prints a line, on rank 0 only. On Spark it appears on the driver. */
  public void print(Object message) {
    if (isGlobalZero()) {
      output.print(String.valueOf(message));
    }
  }

  /**
   * Logs a metric to all loggers, on rank 0; on Spark also to the history on the driver.
   *
   * @param value a number, or an NDArray of one element
   * @param step position on the time axis
   * @throws IllegalArgumentException if the value is not a scalar, also without loggers
   */
  public void log(String name, Object value, long step) {
    logDict(Map.of(name, value), step);
  }

  /**
   * Logs metrics to all loggers, on rank 0; on Spark also to the history on the driver. Values are
   * not combined over the ranks; see {@link #reduceMetrics}.
   *
   * @param metrics numbers, NDArrays of one element, and Maps of them, which make groups
   * @param step position on the time axis
   * @throws IllegalArgumentException if a value is not a scalar, also without loggers
   */
  public void logDict(Map<String, ?> metrics, long step) {
    Map<String, Object> scalars = Scalars.of(metrics);
    if (isGlobalZero()) {
      loggers.forEach(logger -> logger.logMetrics(scalars, step));
      output.metrics(Scalars.numbers(scalars), step);
    }
  }

  /** Logs the settings of the run to all loggers, on rank 0. */
  public void logHyperparams(Map<String, ?> parameters) {
    if (isGlobalZero()) {
      loggers.forEach(logger -> logger.logHyperparams(parameters));
    }
  }

  /** Returns the loggers. */
  public List<Logger> loggers() {
    return loggers;
  }

  /**
   * Returns the first logger.
   *
   * @throws IllegalStateException if there is none
   */
  public Logger logger() {
    if (loggers.isEmpty()) {
      throw new IllegalStateException(
          "This Fabric has no logger. Pass one: Fabric.builder().loggers(...).");
    }
    return loggers.get(0);
  }

  /**
   * Runs a hook, a method found by its name, on all callbacks that have it.
   *
   * @param hook the method's name
   * @param arguments passed in this order
   * @throws IllegalArgumentException if a callback has the hook, but not for these arguments
   */
  public void call(String hook, Object... arguments) {
    context.callbacks().call(hook, arguments);
  }

  /**
   * Runs a hook on all callbacks that have it, with those keywords that its parameters name.
   *
   * @param keywords by parameter name; a last parameter {@code Map kwargs} gets all of them
   * @param arguments passed first, in this order
   * @throws IllegalArgumentException if a callback has the hook, but a parameter gets no argument
   */
  public void callWithKeywords(String hook, Map<String, ?> keywords, Object... arguments) {
    context.callbacks().callWithKeywords(hook, keywords, arguments);
  }
}
