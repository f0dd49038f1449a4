package io.fabric4j.spark.examples;

import io.fabric4j.spark.RowWriter;
import java.io.Serializable;

/**
 * One image.
 *
 * @param pixels rows * cols gray values, 0 to 255
 * @param label 0 to 9
 */
record Digit(byte[] pixels, byte label) implements Serializable {
  static final String IMAGE = "image";
  static final String LABEL = "label";

  static void columns(Digit digit, RowWriter row) {
    row.put(IMAGE, digit.pixels).put(LABEL, (long) digit.label);
  }
}
