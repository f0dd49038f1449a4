package io.fabric4j;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.DeviceConnector;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.parameters.KeptGradients;
import io.fabric4j.internal.precision.ModuleTypes;
import io.fabric4j.internal.precision.ModuleTypes.InitialValues;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.TorchGenerator;
import io.fabric4j.internal.torch.TorchThread;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.Strategy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a training loop on one device or many, with few changes to the loop. One object per rank; it
 * belongs to the thread that made it.
 *
 * <pre>{@code
 * try (Fabric fabric = Fabric.builder().devices(2).build()) {
 *   fabric.launch(
 *       rank -> {
 *         FabricSetup setup = rank.setup(block(), new Shape(1, 784), AdamW.builder().build());
 *         FabricDataLoader loader =
 *             rank.setupDataloaders(FabricDataLoader.of(dataset).batchSize(64).shuffle(true));
 *         for (FabricBatch batch : loader) {
 *           setup.optimizer().zeroGrad();
 *           NDList outputs = setup.block().forward(batch.getData());
 *           rank.backward(loss.evaluate(batch.getLabels(), outputs));
 *           setup.optimizer().step();
 *         }
 *         return null;
 *       });
 * }
 * }</pre>
 */
public final class Fabric extends RankOperations implements Stateful, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Fabric.class);
  private static final long MAX_SEED = 0xFFFFFFFFL;
  private static final String SEED = "seed";
  private static final String RANDOM = "random";
  private static final String SCALER = "scaler";

  private final FabricOptions options;
  private final int devices;
  private final TorchThread thread;
  private final Checkpointer checkpointer;
  private final RandomState randomState;
  private final List<BlockRuntime> runtimes = new ArrayList<>();
  private final List<FabricDataLoader> loaders = new ArrayList<>();
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final RankOutput.State state = new State();
  private FabricRun run;
  private boolean launched;
  private Long seed;
  private long initialized;
  private boolean warnedOfSync;
  private double gradientNorm = Double.NaN;

  /** Creates the object a user builds; with several devices it can only launch. */
  Fabric(FabricOptions options, int devices) {
    this(
        options,
        devices,
        RankInfo.single(),
        RankContext.create(
            options,
            devices,
            new SingleProcessGroup(),
            DeviceConnector.device(options, RankInfo.single())),
        new LocalCheckpointIO(),
        System.out::println);
  }

  Fabric(
      FabricOptions options,
      int devices,
      RankInfo rank,
      RankContext context,
      CheckpointIO checkpointIO,
      RankOutput output) {
    super(rank, context, options.plugins().loggers(), output);
    context.tracker().listen(progress -> output.trained(progress, state));
    this.options = options;
    this.devices = devices;
    own(manager());
    own(context().differentiable());
    KernelOptions kernels = options.kernels();
    TorchThread.setMatmulPrecision(kernels.matmulPrecision());
    thread = TorchThread.enter(threads(kernels, rank), kernels.flushDenormals(), device());
    own(thread);
    loggers().forEach(this::own);
    checkpointer =
        new Checkpointer(checkpointIO, context.group(), context.hostManager(), output::saved);
    own(checkpointer);
    randomState = new RandomState(context.group(), device(), context.hostManager());
  }

  private static int threads(KernelOptions kernels, RankInfo rank) {
    if (kernels.threads() > 0) {
      return kernels.threads();
    }
    return Math.max(1, Runtime.getRuntime().availableProcessors() / rank.localWorldSize());
  }

  /** Returns a builder: one device, strategy auto, precision 32-true. */
  public static FabricBuilder builder() {
    return new FabricBuilder();
  }

  /**
   * Runs a function on every device, each in a thread with a Fabric of its own, and returns rank
   * 0's result. With one device the function runs here. If a rank fails, the others end too and its
   * exception is thrown.
   *
   * @throws FabricException if a rank throws a checked exception, or dies
   */
  public <R> R launch(FabricFunction<R> function) {
    return LocalLauncher.launch(this, options, function);
  }

  /**
   * Sets up an initialised block and its optimizers: moves it to the rank's device and its
   * parameters into flat buffers, gives every rank rank 0's values, and returns what the loop uses
   * instead. With several ranks, all must call it, for the same blocks in the same order.
   *
   * <p>Several optimizers must update disjoint parameters, see {@link
   * OptimizerConfig.Builder#parameters}. A parameter that none updates still gets gradients.
   *
   * @throws IllegalStateException if the block is not initialised or has been set up already, or
   *     ranks pass different blocks
   * @throws IllegalArgumentException if optimizers share a parameter, or one has none
   */
  public FabricSetup setup(Block block, OptimizerConfig optimizer, OptimizerConfig... more) {
    FabricBlock fabricBlock = setUp(block, list(optimizer, more));
    return new FabricSetup(fabricBlock, fabricBlock.runtime().optimizers());
  }

  private FabricBlock setUp(Block block, List<OptimizerConfig> optimizers) {
    checkLaunched("setup");
    checkNotSetUp(block);
    BlockRuntime runtime = new BlockRuntime(block, optimizers, context());
    own(runtime);
    runtimes.add(runtime);
    FabricBlock result = new FabricBlock(runtime);
    context().callbacks().call("onAfterSetup", this, result);
    return result;
  }

  private void checkNotSetUp(Block block) {
    if (runtimes.stream().anyMatch(runtime -> runtime.block() == block)) {
      throw new IllegalStateException(
          "This block has been set up already. Use what the first setup returned, or"
              + " setupOptimizers to add optimizers to a block that was set up without.");
    }
  }

  private static List<OptimizerConfig> list(OptimizerConfig first, OptimizerConfig... more) {
    List<OptimizerConfig> result = new ArrayList<>(List.of(first));
    result.addAll(List.of(more));
    return result;
  }

  /**
   * Initialises a block for inputs of the given shape, then sets it up. After {@link
   * #seedEverything} the initial values depend on the seed alone, not on other threads.
   *
   * @param inputShape with any batch size, for example {@code new Shape(1, 784)}
   */
  public FabricSetup setup(
      Block block, Shape inputShape, OptimizerConfig optimizer, OptimizerConfig... more) {
    initialize(block, inputShape);
    return setup(block, optimizer, more);
  }

  /**
   * Sets up a block without optimizer, for inference or for {@link #setupOptimizers} later.
   *
   * @throws IllegalStateException as {@link #setup(Block, OptimizerConfig, OptimizerConfig...)}
   */
  public FabricBlock setupModule(Block block) {
    return setUp(block, List.of());
  }

  /** Initialises a block for inputs of the given shape, then sets it up without optimizer. */
  public FabricBlock setupModule(Block block, Shape inputShape) {
    initialize(block, inputShape);
    return setupModule(block);
  }

  /**
   * Gives optimizers to a block that {@link #setupModule} returned. With several ranks, all must
   * call it.
   *
   * @return the optimizers, in the order passed
   * @throws IllegalStateException if the block has optimizers
   * @throws IllegalArgumentException if optimizers share a parameter, or one has none
   */
  public List<FabricOptimizer> setupOptimizers(
      FabricBlock block, OptimizerConfig optimizer, OptimizerConfig... more) {
    checkLaunched("setupOptimizers");
    block.runtime().addOptimizers(list(optimizer, more));
    return List.copyOf(block.runtime().optimizers());
  }

  private void initialize(Block block, Shape inputShape) {
    checkLaunched("setup");
    checkNotSetUp(block);
    initModule(block, inputShape);
  }

  private void seeded(Runnable code) {
    if (seed == null) {
      code.run();
    } else {
      TorchGenerator.withSeed(seed + initialized++, device(), code);
    }
  }

  /**
   * Initialises a block on this rank's device, in the precision's parameter type, with the block's
   * initializers. After {@link #seedEverything} the values depend on the seed and on how many
   * blocks were initialised before, not on other threads.
   *
   * @param inputShapes with any batch size
   * @return the block
   */
  public Block initModule(Block block, Shape... inputShapes) {
    seeded(
        () ->
            ModuleTypes.initModule(
                block, precision(), InitialValues.INITIALIZED, manager(), inputShapes));
    return block;
  }

  /**
   * Initialises a block as {@link #initModule}, but leaves its trainable parameters whatever the
   * memory holds, which is faster when weights are loaded afterwards.
   *
   * @return the block
   */
  public Block initEmptyModule(Block block, Shape... inputShapes) {
    ModuleTypes.initModule(block, precision(), InitialValues.EMPTY, manager(), inputShapes);
    return block;
  }

  /**
   * Creates an array on this rank's device, in the precision's parameter type if it is floating.
   *
   * @param function creates the array with the given manager
   * @return the array, owned by {@link #manager}
   */
  public NDArray initTensor(Function<NDManager, NDArray> function) {
    return ModuleTypes.initTensor(precision(), manager(), function);
  }

  /**
   * Gives each rank its rows of the dataset and batches on its device. With several ranks, all must
   * call it, in the same order.
   *
   * <p>Every rank gets equally many batches. A {@link io.fabric4j.distributed.ShardedDataset} is
   * never distributed again: a rank that runs out of rows gets fillers, see {@link
   * FabricBatch#isFiller}.
   *
   * @throws IllegalStateException if the loader has been set up already, or the ranks' datasets or
   *     batch sizes do not agree
   */
  public FabricDataLoader setupDataloaders(FabricDataLoader loader) {
    checkLaunched("setupDataloaders");
    if (loader.isSetUp()) {
      throw new IllegalStateException(
          "This data loader has been set up already. Pass the one that FabricDataLoader.of"
              + " returned.");
    }
    RankLoader rankLoader =
        new RankLoader(
            loader.dataset(), loader.settings(), seed == null ? 0 : seed, context(), thread);
    own(rankLoader);
    FabricDataLoader result = new FabricDataLoader(loader.dataset(), loader.settings(), rankLoader);
    loaders.add(result);
    return result;
  }

  /** Sets up several data loaders; see {@link #setupDataloaders(FabricDataLoader)}. */
  public List<FabricDataLoader> setupDataloaders(
      FabricDataLoader first, FabricDataLoader second, FabricDataLoader... more) {
    List<FabricDataLoader> result = new ArrayList<>();
    result.add(setupDataloaders(first));
    result.add(setupDataloaders(second));
    for (FabricDataLoader loader : more) {
      result.add(setupDataloaders(loader));
    }
    return result;
  }

  /**
   * Computes the gradients of a loss and, with a distributed strategy, sums them over the ranks:
   * afterwards they are those of the mean loss over all rows of the step, the rows of the batch
   * that the innermost data loader loop returned last. Outside of such loops ranks count equally.
   *
   * <p>With several ranks, all must call it equally often.
   *
   * @param loss one element, the mean over this rank's rows
   * @throws IllegalArgumentException if the loss has several elements
   * @throws IllegalStateException if the loss depends on no parameter
   */
  public void backward(NDArray loss) {
    backward(loss, context().tracker().current());
  }

  /** Computes gradients as {@link #backward(NDArray)}, for a batch of an outer or former loop. */
  public void backward(NDArray loss, FabricBatch batch) {
    backward(loss, batch.share());
  }

  private void backward(NDArray loss, BatchShare share) {
    computeGradients(
        share,
        scale -> {
          if (share == null || share.rows() > 0) {
            Autograd.backward(loss, scale);
          } else if (communicatesInBackward()) {
            backwardOfFiller(loss);
          }
        });
  }

  /** Runs a backward, given the factor of the loss, with all that belongs before and after it. */
  void computeGradients(BatchShare share, DoubleConsumer backward) {
    double weight = share == null ? 1.0 / worldSize() : share.weight();
    double scale = context().precision().beginBackward();
    boolean alone = runtimes.size() == 1 && !communicatesInBackward();
    runtimes.forEach(runtime -> runtime.beforeBackward(share, alone));
    context().guard().enter();
    long begin = System.nanoTime();
    try {
      backward.accept(weight * scale);
    } finally {
      context().guard().leave();
    }
    long computed = System.nanoTime();
    context().differentiable().throwFailure();
    runtimes.forEach(BlockRuntime::afterBackward);
    context().tracker().trained(begin, computed);
  }

  boolean communicatesInBackward() {
    return context().differentiable().isUsed()
        || runtimes.stream().anyMatch(BlockRuntime::communicatesInBackward);
  }

  /** Takes part in the other ranks' collectives. */
  private void backwardOfFiller(NDArray loss) {
    try (KeptGradients kept = new KeptGradients(models())) {
      Autograd.backward(loss, 0);
    }
  }

  List<FlatParameters> models() {
    return runtimes.stream().map(BlockRuntime::parameters).toList();
  }

  /**
   * Returns forward, loss and backward of a step as one call, which a GPU runs as a CUDA graph. On
   * a CPU it makes the same calls as {@link #backward(NDArray)}.
   *
   * @param function forward and loss
   * @return for one shape of batches; closed with this object
   * @throws IllegalStateException if this object has several devices and has not been launched
   */
  public GraphedBackward graph(LossFunction function) {
    checkLaunched("graph");
    GraphedBackward graphed = new GraphedBackward(this, function);
    own(graphed);
    return graphed;
  }

  /**
   * Clips an optimizer's gradients, after unscaling them in 16-mixed. Call it after the last
   * backward of a step; with a sharded strategy all ranks must.
   *
   * <p>A non-finite norm in 16-mixed is no error here, unlike upstream: the step is skipped and the
   * scale reduced.
   *
   * @return the norm of all gradients before clipping; NaN when clipping by value
   * @throws IllegalStateException if the norm is not finite, unless that is allowed; it names the
   *     parameter
   */
  public double clipGradients(FabricOptimizer optimizer, GradientClipping clipping) {
    gradientNorm = optimizer.clip(clipping);
    return gradientNorm;
  }

  /**
   * Runs operations in the precision's compute type until the result is closed, as the forward of a
   * block that was set up does anyway. In modes that are not mixed it changes nothing: DJL names
   * the type of each array it creates, so that there is no default to switch.
   */
  public Autocasting autocast() {
    return new Autocasting(context().precision().forwardContext());
  }

  /**
   * Accumulates gradients without communication; see {@link #noBackwardSync(FabricBlock, boolean)}.
   */
  public NoBackwardSync noBackwardSync(FabricBlock block) {
    return noBackwardSync(block, true);
  }

  /**
   * Accumulates a block's gradients without communication until the result is closed. Forward and
   * backward must both be inside.
   *
   * <pre>{@code
   * try (NoBackwardSync window = fabric.noBackwardSync(block, step % 8 != 0)) {
   *   fabric.backward(loss.evaluate(labels, block.forward(data)));
   * }
   * }</pre>
   *
   * <p>The next backward outside sums over the ranks what has been accumulated: for {@code k}
   * backwards, {@code k} times the gradient of the mean loss over all rows of the window; divide
   * the loss by {@code k} for the mean. If batches are equal that is what torch computes; a smaller
   * one counts by its rows, on one rank as on many. A window starts with {@link
   * FabricOptimizer#zeroGrad}.
   *
   * <p>On a single device nothing is communicated anyway. A strategy that cannot leave
   * communication out warns once and synchronizes each backward.
   *
   * @param enabled false to synchronize as usual
   */
  public NoBackwardSync noBackwardSync(FabricBlock block, boolean enabled) {
    if (!enabled) {
      return new NoBackwardSync(() -> {});
    }
    if (!strategy().supportsNoBackwardSync()) {
      warnOfSync();
      return new NoBackwardSync(() -> {});
    }
    boolean before = block.runtime().accumulate(true);
    return new NoBackwardSync(() -> block.runtime().accumulate(before));
  }

  private void warnOfSync() {
    if (!warnedOfSync) {
      LOGGER.warn(
          "{} noBackwardSync has no effect: strategy '{}' synchronizes each backward.",
          rank().prefix(),
          strategy().name());
      warnedOfSync = true;
    }
  }

  /**
   * Moves an array to this rank's device; setup and the data loaders do so already.
   *
   * @return the same array if it is there
   */
  public NDArray toDevice(NDArray array) {
    return array.toDevice(device(), false);
  }

  /**
   * Moves a block's parameters and buffers to this rank's device, as {@link #setup} does anyway.
   * Arrays that are elsewhere are closed and replaced; parameters that are not initialised yet are
   * left alone.
   *
   * @return the same block
   * @throws IllegalStateException if it has been set up
   */
  public Block toDevice(Block block) {
    checkNotSetUp(block);
    ModuleTypes.moveBlock(block, device());
    return block;
  }

  /** Moves arrays to this rank's device. */
  public NDList toDevice(NDList arrays) {
    return arrays.toDevice(device(), false);
  }

  /**
   * Seeds libtorch's generator, the initial values of later setups and the order of later data
   * loaders. Call it with the same seed on all ranks, first.
   *
   * @param seed 0 to 4294967295
   * @return the seed
   * @throws IllegalArgumentException if it is out of bounds
   */
  public long seedEverything(long seed) {
    if (seed < 0 || seed > MAX_SEED) {
      throw new IllegalArgumentException(
          "Seed " + seed + " is out of bounds. Seeds go from 0 to " + MAX_SEED + ".");
    }
    this.seed = seed;
    TorchGenerator.seed(seed);
    return seed;
  }

  /** Seeds with 0 and warns, since the seed should be chosen and written down. */
  public long seedEverything() {
    LOGGER.warn("{} No seed was given to seedEverything; it is set to 0.", rank().prefix());
    return seedEverything(0);
  }

  /** Applies the seed of {@link #seedEverything} again; nothing happens if there was none. */
  public void resetSeed() {
    if (seed != null) {
      TorchGenerator.seed(seed);
    }
  }

  /**
   * Writes a checkpoint: one file in safetensors layout, complete or absent. All ranks must call
   * it; rank 0 writes, and a failure there is thrown on every rank. A block gives the same bytes
   * before and after {@link #setup}.
   *
   * @param path local, or on Spark of any Hadoop file system
   * @param state by key: {@link FabricBlock}, {@link FabricOptimizer}, {@link FabricDataLoader},
   *     DJL blocks, other {@link Stateful} objects, NDArrays, plain values (String, Boolean,
   *     Number), and Lists and Maps of all these to any depth
   * @throws IOException if the file, or one of an earlier {@link #saveAsync}, cannot be written; it
   *     names the path
   * @throws IllegalArgumentException if a value is of another type
   */
  public void save(String path, Map<String, ?> state) throws IOException {
    save(path, state, Map.of());
  }

  /**
   * Writes a checkpoint as {@link #save(String, Map)} does, without what a filter drops.
   *
   * @param filter by key of the state: which (name, value) of that object's state to keep; a key of
   *     which nothing is kept is absent from the file
   * @throws IllegalArgumentException also if the filter names a key that the state lacks, or a
   *     single value
   */
  public void save(
      String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    checkLaunched("save");
    checkpointer.save(path, state, filter);
  }

  /**
   * Copies the state and writes it while training goes on, in a thread of rank 0; otherwise as
   * {@link #save(String, Map)}. It waits for an earlier one first. A failure to write is thrown on
   * every rank by the next call that saves, loads or awaits, or by {@link #close} on rank 0.
   */
  public void saveAsync(String path, Map<String, ?> state) throws IOException {
    saveAsync(path, state, Map.of());
  }

  /** Writes what a filter keeps; see {@link #saveAsync(String, Map)}. */
  public void saveAsync(
      String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    checkLaunched("saveAsync");
    checkpointer.saveAsync(path, state, filter);
  }

  /**
   * Waits until what {@link #saveAsync} took is written. All ranks must call it.
   *
   * @throws IOException if it could not be written
   */
  public void awaitSaves() throws IOException {
    checkLaunched("awaitSaves");
    checkpointer.awaitSaves();
  }

  /**
   * Writes the state of one object to a file of its own, which {@link #loadRaw} and other programs
   * read by the plain names of its tensors. All ranks must call it.
   *
   * @param object a block or a {@link Stateful} object
   */
  public void saveRaw(String path, Object object) throws IOException {
    checkLaunched("saveRaw");
    checkpointer.saveRaw(path, object);
  }

  /**
   * Restores a checkpoint. All ranks must call it; each reads the file. Blocks, Stateful objects
   * and NDArrays in {@code state}, also inside of Maps and Lists, take their state over in place
   * (Lightning loses nested ones); other entries are replaced by the checkpoint's values. Floating
   * types are converted. All is checked on all ranks before anything changes.
   *
   * @param state what to restore, by key; a modifiable Map, empty for nothing
   * @return the entries of the checkpoint that {@code state} does not name; their NDArrays belong
   *     to this object
   * @throws java.util.NoSuchElementException if the checkpoint lacks a key; nothing is restored
   * @throws IllegalArgumentException if names, shapes or types do not fit; nothing is restored
   * @throws IOException if the file is missing, cannot be read or is damaged, here or elsewhere
   */
  public Map<String, Object> load(String path, Map<String, Object> state) throws IOException {
    return load(path, state, LoadOptions.strict());
  }

  /** Restores a checkpoint with options; see {@link #load(String, Map)}. */
  public Map<String, Object> load(String path, Map<String, Object> state, LoadOptions options)
      throws IOException {
    checkLaunched("load");
    return checkpointer.load(path, state, options);
  }

  /** Returns a whole checkpoint, with objects as Maps; see {@link #load(String, Map)}. */
  public Map<String, Object> load(String path) throws IOException {
    return load(path, Map.of());
  }

  /** Restores one object with strict names; see {@link #loadRaw(String, Object, LoadOptions)}. */
  public void loadRaw(String path, Object target) throws IOException {
    loadRaw(path, target, LoadOptions.strict());
  }

  /**
   * Restores one object from a file of its own: of {@link #saveRaw}, or safetensors of another
   * program; for weights in parts, the path of Hugging Face's {@code model.safetensors.index.json}.
   * All ranks must call it.
   *
   * @param target a block or a {@link Stateful} object
   * @throws IllegalArgumentException if names, after renaming, or shapes do not fit; nothing is
   *     restored
   * @throws IOException if a file is missing, cannot be read or is damaged
   */
  public void loadRaw(String path, Object target, LoadOptions options) throws IOException {
    checkLaunched("loadRaw");
    checkpointer.loadRaw(path, target, options);
  }

  /**
   * Restores the newest complete checkpoint of a run, also of one that is training: evaluation that
   * follows it. Damaged files are skipped. All ranks must call it.
   *
   * @param folder of the run: {@link RunOptions#folder}
   * @param state as for {@link #load(String, Map)}
   * @return as {@link #load(String, Map)}
   * @throws java.io.FileNotFoundException if there is none
   */
  public Map<String, Object> loadNewest(String folder, Map<String, Object> state)
      throws IOException {
    checkLaunched("loadNewest");
    return checkpointer.loadNewest(folder, state, LoadOptions.strict());
  }

  /**
   * Takes over the run that {@link FabricBuilder#run} names, or on Spark its builder, restores its
   * newest complete checkpoint, if there is one, and saves others from then on. Without a run the
   * result only counts. All ranks must call it, once, after all setups.
   *
   * <p>The random generators, the loss scale, and the place of all data loaders that were set up
   * are kept with the state.
   *
   * @param state blocks, optimizers, plain values and whatever else {@link #save} takes, in a
   *     modifiable Map; without the key {@code run}. It is read with each checkpoint
   * @throws FabricException if another application that is alive owns the run; the message names it
   * @throws IllegalStateException if the run was resumed before; or if exactResume is {@code
   *     require} and rows or ranks are not those of the checkpoint
   * @throws IllegalArgumentException if the checkpoint does not fit the state
   * @throws IOException if the storage cannot be read or written; it names path and operation
   */
  public FabricRun resume(Map<String, Object> state) throws IOException {
    checkLaunched("resume");
    if (run != null) {
      throw new IllegalStateException(
          "fabric.resume was called before. Use the FabricRun that it returned.");
    }
    run = new RunResume(this, options.run(), checkpointer).open(state, loaders);
    own(run);
    return run;
  }

  /** Runs a launched function, unless the run has finished before; within another one as it is. */
  <R> R runToEnd(FabricFunction<R> function) throws Exception {
    if (launched) {
      return function.run(this);
    }
    launched = true;
    List<R> finished = new RunResume(this, options.run(), checkpointer).finished();
    if (!finished.isEmpty()) {
      return finished.get(0);
    }
    try {
      R result = function.run(this);
      if (run != null) {
        run.finish(result);
      }
      return result;
    } catch (Throwable e) {
      loggers().forEach(io.fabric4j.loggers.Logger::trainingFailed);
      throw e;
    }
  }

  /**
   * Returns an account of what Fabric decided: ranks, strategy, precision, flat buffers and their
   * memory, how each data loader's rows are shared out, and which exactness holds.
   */
  public String explain() {
    return Explanation.of(this, runtimes, loaders);
  }

  /** Returns the device of this rank. */
  public Device device() {
    return manager().getDevice();
  }

  /** Returns the strategy. */
  public Strategy strategy() {
    return context().strategy();
  }

  /** Returns the numeric types. */
  public Precision precision() {
    return context().precision().precision();
  }

  /** Returns the owner of arrays that live as long as this object. */
  public NDManager manager() {
    return context().manager();
  }

  @Override
  void checkLaunched(String method) {
    if (devices > worldSize()) {
      throw new IllegalStateException(
          method
              + " was called before launch, but "
              + devices
              + " devices were chosen. Call it on the Fabric that launch passes to the function.");
    }
  }

  /** What the launcher may ask. */
  private final class State implements RankOutput.State {
    @Override
    public List<Double> learningRates() {
      return runtimes.stream()
          .flatMap(runtime -> runtime.optimizers().stream())
          .flatMap(FabricOptimizer::learningRates)
          .toList();
    }

    @Override
    public double gradientNorm() {
      return gradientNorm;
    }

    @Override
    public Device device() {
      return Fabric.this.device();
    }

    @Override
    public String explain() {
      return Fabric.this.explain();
    }
  }

  private void own(AutoCloseable resource) {
    resources.push(resource);
  }

  /**
   * Returns the seed, the random generators of all ranks and the loss scale. Put this object into
   * the state of a checkpoint to resume exactly, which upstream leaves out. All ranks must call it.
   */
  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put(SEED, seed);
    state.put(RANDOM, randomState.stateDict());
    scaler().ifPresent(scaler -> state.put(SCALER, scaler.stateDict()));
    return state;
  }

  private Optional<GradScaler> scaler() {
    return Optional.ofNullable(context().precision().scaler());
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    randomState.checkStateDict(section(state, RANDOM));
    scaler().ifPresent(scaler -> scaler.checkStateDict(section(state, SCALER)));
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    seed = state.get(SEED) instanceof Number number ? number.longValue() : null;
    randomState.loadStateDict(section(state, RANDOM));
    scaler().ifPresent(scaler -> scaler.loadStateDict(section(state, SCALER)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> section(Map<String, Object> state, String key) {
    if (state.get(key) instanceof Map<?, ?> section) {
      return (Map<String, Object>) section;
    }
    throw new IllegalArgumentException(
        "The checkpoint does not fit: the state of Fabric has no '"
            + key
            + "', only "
            + state.keySet()
            + ".");
  }

  /**
   * Releases the native memory of this rank, closes loggers, waits for background saves and puts
   * the thread's libtorch settings back; blocks keep their parameters.
   *
   * @throws FabricException if something could not be released or saved; everything else is
   */
  @Override
  public void close() {
    FabricException failure = null;
    while (!resources.isEmpty()) {
      AutoCloseable resource = resources.pop();
      try {
        resource.close();
      } catch (Exception e) {
        FabricException wrapped =
            new FabricException("Cannot release " + resource + ": " + e.getMessage(), e);
        if (failure == null) {
          failure = wrapped;
        } else {
          failure.addSuppressed(wrapped);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
