package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.ml.RowLoss;
import java.util.List;

/**
 * Which columns a fit is about, beside what the stage's params say.
 *
 * @param inputs of the network, in order
 * @param categorical those whose values are categories, whatever their metadata say
 * @param labels in the order of the network's outputs
 * @param losses of the labels by name
 * @param loss to use instead; null for none
 */
public record FitRequest(
    List<String> inputs,
    List<String> categorical,
    List<String> labels,
    List<String> losses,
    RowLoss loss) {

  /** Returns a request for one input and one label. */
  public static FitRequest of(String input, String label, String loss) {
    return new FitRequest(List.of(input), List.of(), List.of(label), List.of(loss), null);
  }
}
