package io.fabric4j.spark.loggers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.framework.Summary;
import org.tensorflow.hadoop.util.TFRecordReader;
import org.tensorflow.util.Event;

/** Event files read by TensorFlow's own reader of records and classes of events. */
final class TensorFlowEvents {

  private TensorFlowEvents() {}

  /** Returns all events of a file, after checking the checksums. */
  static List<Event> read(byte[] file) throws IOException {
    TFRecordReader reader = new TFRecordReader(new ByteArrayInputStream(file), true);
    List<Event> events = new ArrayList<>();
    for (byte[] record = reader.read(); record != null; record = reader.read()) {
      events.add(Event.parseFrom(record));
    }
    return events;
  }

  /** Returns the scalars of a file in the form {@code tag@step=value}. */
  static List<String> scalars(byte[] file) throws IOException {
    List<String> scalars = new ArrayList<>();
    for (Event event : read(file)) {
      for (Summary.Value value : event.getSummary().getValueList()) {
        if (value.getValueCase() == Summary.Value.ValueCase.SIMPLE_VALUE) {
          scalars.add(value.getTag() + "@" + event.getStep() + "=" + value.getSimpleValue());
        }
      }
    }
    return scalars;
  }
}
