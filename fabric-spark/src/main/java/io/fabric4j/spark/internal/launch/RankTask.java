package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.RankRunner;
import io.fabric4j.RunOptions;
import io.fabric4j.RunWriter;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import io.fabric4j.spark.internal.data.InputReader;
import io.fabric4j.spark.internal.data.RankInputs;
import io.fabric4j.spark.internal.data.Table;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rank: reads its input, meets the others, runs the function. Made on the driver, runs in the
 * tasks of a barrier stage.
 */
final class RankTask<R> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOGGER = LoggerFactory.getLogger(RankTask.class);
  private static final int ROWS_PER_REPORT = 1024;

  private final SparkFabricOptions options;
  private final List<InputReader<?>> inputs;
  private final RankFunction<R> function;
  private final LaunchSecret secret = new LaunchSecret();
  private final long launch = System.currentTimeMillis();
  private final Encryption encryption;
  private final RankReports reports;
  private final HadoopCheckpointIO checkpointIO;
  private final long maxResultBytes;

  /**
   * Creates the task of all ranks.
   *
   * @param reports registered on the driver
   * @param maxResultBytes limit of rank 0's result
   */
  RankTask(
      SparkFabricOptions options,
      List<InputReader<?>> inputs,
      RankFunction<R> function,
      RankReports reports,
      HadoopCheckpointIO checkpointIO,
      long maxResultBytes) {
    this.options = options;
    this.encryption = Encryption.of(SparkEnv.get().conf(), options);
    this.inputs = List.copyOf(inputs);
    this.function = function;
    this.reports = reports;
    this.checkpointIO = checkpointIO;
    this.maxResultBytes = maxResultBytes;
  }

  /**
   * Runs the rank of the calling task.
   *
   * @param partitions this rank's rows of each input
   * @return the serialized result on rank 0, nothing on other ranks
   */
  List<byte[]> run(List<? extends Iterator<?>> partitions) {
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    reports.start(context.stageAttemptNumber(), rank);
    String host = Rendezvous.host(context);
    StartTimes times = new StartTimes();
    try (RankLog log = RankLog.open(reports).orElse(null)) {
      TorchLibrary.load();
      times.end("libraries");
      try (RankInputs tables = new RankInputs(inputs, options)) {
        tables.read(partitions, rows -> progress(context, rows));
        reports.rows(tables.rows());
        times.end("rows");
        R result = join(context, host, tables, times);
        return rank == 0 ? List.of(encode(result)) : List.of();
      }
    } catch (VirtualMachineError e) {
      throw e; // Spark ends the executor
    } catch (Throwable e) {
      throw RankFailedException.of(
          e, RankFailedException.where(rank, context.numPartitions(), host), reports.value());
    }
  }

  private void progress(BarrierTaskContext context, long rows) {
    if (context.isInterrupted()) {
      throw new FabricException("Spark killed the task while it read its input.");
    }
    if (rows % ROWS_PER_REPORT == 0) {
      reports.rows(rows);
    }
  }

  private R join(BarrierTaskContext context, String host, RankInputs tables, StartTimes times)
      throws Exception {
    int rank = context.partitionId();
    byte[] key = secret.key(context.stageAttemptNumber());
    RankAddress address = RankAddress.of(options.bindAddress(), host);
    try (KillWatch watch = KillWatch.start(context);
        GroupBootstrap bootstrap =
            GroupBootstrap.open(address.bind(), address.advertised(), key, groupOptions())) {
      reports.phase(RankReport.Phase.MEETING);
      times.end("port");
      Rendezvous met = Rendezvous.exchange(context, host, bootstrap.endpoint());
      times.end("meeting");
      List<String> hosts = met.hosts();
      RankInfo self = RankInfo.of(rank, hosts);
      try (ProcessGroup group = bootstrap.join(rank, met.endpoints())) {
        watch.guard(group);
        times.end("connections");
        reports.phase(RankReport.Phase.RUNNING);
        ReportingOutput output = new ReportingOutput(reports, context.stageAttemptNumber(), rank);
        R result =
            RankRunner.run(
                fabricOptions(context),
                self,
                group,
                checkpointIO,
                output,
                fabric -> {
                  encryption.check(fabric.processGroup().transport(), hosts);
                  Map<String, Table> agreed = tables.agree(group);
                  logStart(self, times);
                  return function.run(fabric, agreed);
                });
        output.finish();
        return result;
      }
    }
  }

  private static void logStart(RankInfo rank, StartTimes times) {
    times.end("fabric");
    LOGGER.info("{} Start: {}", rank.prefix(), times);
  }

  private GroupOptions groupOptions() {
    return GroupOptions.defaults()
        .withTimeouts(options.connectTimeout(), options.callTimeout(), options.peerTimeout())
        .withPorts(options.firstPort(), options.lastPort())
        .withEncryption(encryption.isOn());
  }

  /** Spark divides the cores of an executor among its tasks; a rank must keep to its share. */
  private FabricOptions fabricOptions(BarrierTaskContext context) {
    FabricOptions fabric =
        RankResources.place(options.fabric(), context).withRun(run(context.stageAttemptNumber()));
    return fabric.kernels().threads() > 0 ? fabric : fabric.withThreads(context.cpus());
  }

  private RunOptions run(int attempt) {
    RunOptions run = options.fabric().run();
    if (run == null) {
      return null;
    }
    String application = SparkEnv.get().conf().getAppId();
    return (run.id().isEmpty() ? run.named(application + "-" + launch) : run)
        .writtenBy(new RunWriter(application, launch, attempt));
  }

  private byte[] encode(R result) {
    byte[] bytes;
    try {
      bytes = ObjectBytes.encode(result);
    } catch (NotSerializableException e) {
      throw new IllegalArgumentException(
          "The result, a "
              + result.getClass().getName()
              + ", cannot return to the driver: "
              + e.getMessage()
              + " is not serializable. Return plain values, and save models and arrays with"
              + " fabric.save.",
          e);
    }
    if (bytes.length > maxResultBytes) {
      throw new IllegalArgumentException(
          "The result takes "
              + bytes.length
              + " bytes, but at most "
              + maxResultBytes
              + " may return to the driver (spark.driver.maxResultSize). Save it with fabric.save"
              + " and return its path, or raise the limit.");
    }
    return bytes;
  }
}
