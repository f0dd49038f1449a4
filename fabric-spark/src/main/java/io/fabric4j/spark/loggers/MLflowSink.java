package io.fabric4j.spark.loggers;

import io.fabric4j.internal.loggers.BatchSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.MlflowHttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends entries to an MLflow server; the only user of its client. */
final class MLflowSink implements BatchSink<MLflowSink.Entry> {
  private static final Logger LOGGER = LoggerFactory.getLogger(MLflowSink.class);
  private static final String CLIENT = "org.mlflow.tracking.MlflowClient";
  private static final int BATCH = 100; // of parameters; of metrics the server takes 1,000
  private static final int VALUE_LENGTH = 6000;
  private static final int BAD_REQUEST = 400;

  private final MLflowRun run;
  private MlflowClient client;
  private int sent;
  private volatile String runId = "";
  private volatile boolean failed;

  /** What is sent. */
  sealed interface Entry permits Metric, Param {}

  record Metric(String key, double value, long step, long timeMillis) implements Entry {}

  record Param(String key, String value) implements Entry {}

  MLflowSink(MLflowRun run) {
    this.run = run;
  }

  static void requireClient(ClassLoader loader) {
    try {
      Class.forName(CLIENT, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "MLflow's client is not on the class path. Add it, for example with spark-submit"
              + " --packages org.mlflow:mlflow-client:2.17.2.",
          e);
    }
  }

  /** Returns the id of the run, empty if the server has not told it yet. */
  String runId() {
    return runId;
  }

  void trainingFailed() {
    failed = true;
  }

  @Override
  public void write(List<Entry> entries) throws IOException {
    try {
      if (runId.isEmpty()) {
        open();
      }
      while (sent < entries.size()) {
        int end = Math.min(entries.size(), sent + BATCH);
        send(entries.subList(sent, end));
        sent = end; // should a later part fail, the same entries come again
      }
      sent = 0;
    } catch (MlflowClientException e) {
      throw new IOException(describe(e), e);
    }
  }

  private static String describe(MlflowClientException failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure.getMessage() : cause.toString();
  }

  private void open() {
    if (client == null) {
      client = new MlflowClient(run.trackingUri());
    }
    String experiment =
        client
            .getExperimentByName(run.experiment())
            .map(Service.Experiment::getExperimentId)
            .orElseGet(() -> client.createExperiment(run.experiment()));
    Optional<String> earlier = run.resuming() ? newestRun(experiment) : Optional.empty();
    earlier.ifPresent(
        id ->
            client.sendPost(
                "runs/update", "{\"run_id\": \"" + id + "\", \"status\": \"RUNNING\"}"));
    runId = earlier.orElseGet(() -> createRun(experiment));
    LOGGER.info("Logging to run {} of {}", runId, run.trackingUri());
  }

  private Optional<String> newestRun(String experiment) {
    String name = run.runName().replace("\\", "\\\\").replace("'", "\\'");
    return client
        .searchRuns(
            List.of(experiment),
            "tags.`mlflow.runName` = '" + name + "'",
            Service.ViewType.ACTIVE_ONLY,
            1,
            List.of("attributes.start_time DESC"))
        .getItems()
        .stream()
        .map(found -> found.getInfo().getRunId())
        .findFirst();
  }

  private String createRun(String experiment) {
    Service.CreateRun.Builder request =
        Service.CreateRun.newBuilder()
            .setExperimentId(experiment)
            .setStartTime(System.currentTimeMillis());
    if (!run.runName().isEmpty()) {
      request.setRunName(run.runName());
    }
    run.tags()
        .forEach(
            (key, value) ->
                request.addTags(Service.RunTag.newBuilder().setKey(key).setValue(value)));
    return client.createRun(request.build()).getRunId();
  }

  private void send(List<Entry> entries) {
    List<Service.Metric> metrics = new ArrayList<>();
    List<Service.Param> params = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Metric metric) {
        metrics.add(
            Service.Metric.newBuilder()
                .setKey(metric.key())
                .setValue(metric.value())
                .setStep(metric.step())
                .setTimestamp(metric.timeMillis())
                .build());
      } else if (entry instanceof Param param) {
        String value = param.value();
        params.add(
            Service.Param.newBuilder()
                .setKey(param.key())
                .setValue(value.substring(0, Math.min(value.length(), VALUE_LENGTH)))
                .build());
      }
    }
    try {
      client.logBatch(runId, metrics, params, List.of());
    } catch (MlflowHttpException e) {
      if (e.getStatusCode() != BAD_REQUEST) {
        throw e;
      }
      LOGGER.warn(
          "MLflow refuses {} entries, which are left out: {}", entries.size(), e.getBodyMessage());
    }
  }

  @Override
  public void close() throws IOException {
    if (client == null) {
      return;
    }
    try (MlflowClient closing = client) {
      if (!runId.isEmpty()) {
        closing.setTerminated(
            runId, failed ? Service.RunStatus.FAILED : Service.RunStatus.FINISHED);
      }
    } catch (MlflowClientException e) {
      throw new IOException(describe(e), e);
    }
  }
}
