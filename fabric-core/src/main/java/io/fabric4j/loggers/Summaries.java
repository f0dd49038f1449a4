package io.fabric4j.loggers;

import java.util.Collection;
import java.util.Map;

/** {@code Summary} messages of TensorBoard's summary.proto and its hparams plugin. */
final class Summaries {
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int METADATA = 9;
  private static final int STATUS_SUCCESS = 1;

  private Summaries() {}

  static ProtobufWriter scalar(String tag, float value) {
    return summary(new ProtobufWriter().string(TAG, tag).fixed32(SIMPLE_VALUE, value));
  }

  /** Returns the experiment: the types of the hyperparameters and the metrics' tags. */
  static ProtobufWriter experiment(Map<String, Object> hyperparams, Collection<String> metrics) {
    ProtobufWriter experiment = new ProtobufWriter();
    hyperparams.forEach(
        (name, value) ->
            experiment.message(4, new ProtobufWriter().string(1, name).varint(4, dataType(value))));
    for (String metric : metrics) {
      ProtobufWriter metricName = new ProtobufWriter().string(2, metric);
      experiment.message(5, new ProtobufWriter().message(1, metricName));
    }
    return hparams("experiment", 2, experiment);
  }

  static ProtobufWriter sessionStart(Map<String, Object> hyperparams) {
    ProtobufWriter session = new ProtobufWriter();
    hyperparams.forEach(
        (name, value) ->
            session.message(1, new ProtobufWriter().string(1, name).message(2, value(value))));
    return hparams("session_start_info", 3, session);
  }

  static ProtobufWriter sessionEnd() {
    return hparams("session_end_info", 4, new ProtobufWriter().varint(1, STATUS_SUCCESS));
  }

  private static ProtobufWriter hparams(String tag, int field, ProtobufWriter message) {
    ProtobufWriter content = new ProtobufWriter().message(field, message);
    ProtobufWriter plugin = new ProtobufWriter().string(1, "hparams").message(2, content);
    return summary(
        new ProtobufWriter()
            .string(TAG, "_hparams_/" + tag)
            .message(METADATA, new ProtobufWriter().message(1, plugin)));
  }

  private static ProtobufWriter summary(ProtobufWriter value) {
    return new ProtobufWriter().message(VALUE, value);
  }

  private static int dataType(Object value) {
    if (value instanceof Number) {
      return 3;
    }
    return value instanceof Boolean ? 2 : 1;
  }

  private static ProtobufWriter value(Object value) {
    ProtobufWriter result = new ProtobufWriter();
    if (value instanceof Number number) {
      return result.fixed64(2, number.doubleValue());
    }
    if (value instanceof Boolean bool) {
      return result.varint(4, bool ? 1 : 0);
    }
    return result.string(3, value.toString());
  }
}
