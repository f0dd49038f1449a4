package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.CudaHost;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.ResourceProfileManager;
import org.apache.spark.resource.TaskResourceRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * What Spark reserves for each rank.
 *
 * @param profile for the stage of the ranks; Spark's default one unless that would give a rank no
 *     GPU, or a part of one
 * @param gpus that an executor shares out to ranks, 0 if ranks are not placed by GPU
 */
record RankResources(ResourceProfile profile, int gpus) {
  private static final Logger LOGGER = LoggerFactory.getLogger(RankResources.class);
  private static final String GPU = "gpu";
  private static final String CUDA = "cuda";
  private static final String CPU = "cpu";

  /** GPUs of an executor. */
  static final String EXECUTOR_AMOUNT = "spark.executor.resource.gpu.amount";

  /** GPUs of a task. */
  static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";

  /**
   * Decides on the driver.
   *
   * @param accelerator {@code auto}, {@code cpu} or {@code cuda}
   * @throws FabricException if GPUs are asked for and there are none
   */
  static RankResources of(SparkContext context, String accelerator) {
    ResourceProfileManager profiles = context.resourceProfileManager();
    ResourceProfile ofTasks = profiles.defaultResourceProfile();
    if (context.isLocal()) {
      return new RankResources(ofTasks, accelerator.equals(CUDA) ? localGpus() : 0);
    }
    int gpus = accelerator.equals(CPU) ? 0 : executorGpus(context.getConf(), accelerator);
    return gpus == 0 || hasWholeGpu(context.getConf())
        ? new RankResources(ofTasks, gpus)
        : new RankResources(oneGpuEach(profiles, cpus(context)), gpus);
  }

  /** Returns what places ranks, in words. */
  String describe() {
    return gpus == 0
        ? "Spark places ranks by cores alone."
        : "each rank gets a GPU of its own, of " + gpus + " that a process has.";
  }

  /** With a local master the ranks run here. */
  private static int localGpus() {
    CudaHost host = CudaHost.local();
    host.requireUsable(RankInfo.single(), "");
    return host.devices().size();
  }

  static int executorGpus(SparkConf conf, String accelerator) {
    int gpus = conf.getInt(EXECUTOR_AMOUNT, 0);
    if (gpus == 0 && accelerator.equals(CUDA)) {
      throw new FabricException(
          "Cannot launch: the accelerator is 'cuda', but Spark knows of no GPUs of the executors ("
              + EXECUTOR_AMOUNT
              + " is not set). Start the application with "
              + EXECUTOR_AMOUNT
              + "=1 and spark.executor.resource.gpu.discoveryScript (on Kubernetes also"
              + " spark.executor.resource.gpu.vendor=nvidia.com; on a standalone cluster the workers"
              + " need spark.worker.resource.gpu.amount and spark.worker.resource.gpu"
              + ".discoveryScript), or choose the accelerator 'auto' or 'cpu'.");
    }
    return gpus;
  }

  /** Returns whether Spark's settings give each task a GPU; a part of one would be shared. */
  static boolean hasWholeGpu(SparkConf conf) {
    double amount = conf.getDouble(TASK_AMOUNT, 0);
    if (amount > 1) {
      LOGGER.warn(
          "{} is {}, but a rank uses one GPU. Set it to 1, or leave it out.", TASK_AMOUNT, amount);
    }
    return amount >= 1;
  }

  private static int cpus(SparkContext context) {
    return context.getConf().getInt("spark.task.cpus", 1);
  }

  private static ResourceProfile oneGpuEach(ResourceProfileManager profiles, int cpus) {
    // Spark counts no slots of a profile whose CPUs, which limit it, are not named.
    TaskResourceRequests requests = new TaskResourceRequests().cpus(cpus).resource(GPU, 1);
    ResourceProfile profile = new ResourceProfileBuilder().require(requests).build();
    Option<ResourceProfile> ofEarlierLaunch = profiles.getEquivalentProfile(profile);
    if (ofEarlierLaunch.isDefined()) {
      return ofEarlierLaunch.get();
    }
    profiles.addResourceProfile(profile);
    return profile;
  }

  /** Returns a rank's options with the GPU that Spark gave its task; called in the task. */
  static FabricOptions place(FabricOptions options, TaskContext task) {
    Map<String, ResourceInformation> resources = task.resourcesJMap();
    if (!resources.containsKey(GPU) || options.accelerator().equals(CPU)) {
      return options;
    }
    List<String> addresses = List.of(resources.get(GPU).addresses());
    if (addresses.size() > 1) {
      LOGGER.warn(
          "[rank {}/{}] Spark gave the rank the GPUs {}, and it uses the first. Set {} to 1.",
          task.partitionId(),
          task.numPartitions(),
          addresses,
          TASK_AMOUNT);
    }
    return options.withDevices(addresses);
  }
}
