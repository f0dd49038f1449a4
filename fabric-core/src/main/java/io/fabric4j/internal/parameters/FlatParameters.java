package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ParameterGroup;
import io.fabric4j.strategies.FlatModel;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A block's parameters in flat buffers, one pair of buffers per optimizer group and data type. */
public final class FlatParameters implements FlatModel, AutoCloseable {
  private static final Set<Parameter.Type> BUFFER_TYPES =
      EnumSet.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR);

  private final List<FlatGroup> groups = new ArrayList<>();
  private final List<Map.Entry<String, Parameter>> constants = new ArrayList<>();

  private FlatParameters() {}

  /**
   * What parameters of one pair of buffers have in common.
   *
   * @param optimizer index of the optimizer, -1 for none
   * @param group 0 for the optimizer's own settings, i for its i-th group
   */
  private record Part(int optimizer, int group, DataType dataType) {

    String remark() {
      return (group > 0 ? " in parameter group " + group : "")
          + (optimizer > 0 ? " of optimizer " + optimizer : "")
          + (optimizer < 0 ? " without optimizer" : "");
    }
  }

  /**
   * Flattens the trainable parameters of an initialised block; tied ones once, frozen ones not.
   * Collective.
   *
   * @param optimizers which parameters each updates, and in which groups; the others are in one
   * @throws IllegalStateException if the block has parameters without values, or ranks pass
   *     different blocks
   * @throws IllegalArgumentException if two optimizers would update one parameter
   */
  public static FlatParameters create(
      Block block, List<OptimizerConfig> optimizers, NDManager manager, ProcessGroup group) {
    FlatParameters flat = new FlatParameters();
    Map<Part, List<Map.Entry<String, Parameter>>> parts = flat.sortOut(block, optimizers);
    flat.signature(parts).requireEqual(group);
    parts.forEach(
        (part, entries) ->
            flat.groups.add(new FlatGroup(entries, settings(optimizers, part), manager, group)));
    return flat;
  }

  private Map<Part, List<Map.Entry<String, Parameter>>> sortOut(
      Block block, List<OptimizerConfig> optimizers) {
    Map<Part, List<Map.Entry<String, Parameter>>> parts = new LinkedHashMap<>();
    Set<NDArray> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Pair<String, Parameter> pair : block.getParameters()) {
      Map.Entry<String, Parameter> entry =
          new SimpleImmutableEntry<>(pair.getKey(), pair.getValue());
      checkInitialized(entry);
      NDArray array = pair.getValue().getArray();
      if (!seen.add(array)) {
        continue;
      }
      if (!pair.getValue().requiresGradient()) {
        constants.add(entry);
        continue;
      }
      int optimizer = optimizerOf(pair.getKey(), optimizers);
      int group = optimizer < 0 ? 0 : groupIndex(optimizers.get(optimizer), entry);
      Part part = new Part(optimizer, group, Casts.dataType(array));
      parts.computeIfAbsent(part, k -> new ArrayList<>()).add(entry);
    }
    Map<Part, List<Map.Entry<String, Parameter>>> sorted = new LinkedHashMap<>();
    parts.keySet().stream()
        .sorted(Comparator.comparingInt(Part::optimizer).thenComparingInt(Part::group))
        .forEach(part -> sorted.put(part, parts.get(part)));
    return sorted;
  }

  /** Describes all parameters in the order of the buffers. */
  private ModelSignature signature(Map<Part, List<Map.Entry<String, Parameter>>> parts) {
    ModelSignature signature = new ModelSignature();
    parts.forEach((part, entries) -> entries.forEach(entry -> signature.add(entry, part.remark())));
    constants.forEach(entry -> signature.add(entry, ", not trainable"));
    return signature;
  }

  private static void checkInitialized(Map.Entry<String, Parameter> entry) {
    if (!entry.getValue().isInitialized()) {
      throw new IllegalStateException(
          "Parameter "
              + entry.getKey()
              + " has no values yet. Pass the input shape to setup, for example"
              + " fabric.setup(block, new Shape(1, 784), optimizer), or call block.initialize first.");
    }
  }

  private static int optimizerOf(String name, List<OptimizerConfig> optimizers) {
    int found = -1;
    for (int i = 0; i < optimizers.size(); i++) {
      if (optimizers.get(i).parameters().test(name)) {
        if (found >= 0) {
          throw new IllegalArgumentException(
              "Parameter "
                  + name
                  + " belongs to optimizers "
                  + found
                  + " and "
                  + i
                  + ". Give each its own with OptimizerConfig.Builder.parameters(name -> ...).");
        }
        found = i;
      }
    }
    return found;
  }

  /** Returns 0 for the optimizer's own settings, i for its i-th group. */
  private static int groupIndex(OptimizerConfig config, Map.Entry<String, Parameter> entry) {
    List<ParameterGroup> groups = config.groups();
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).parameters().test(entry.getKey(), entry.getValue().getType())) {
        return i + 1;
      }
    }
    return 0;
  }

  private static GroupSettings settings(List<OptimizerConfig> optimizers, Part part) {
    if (part.optimizer() < 0) {
      return new GroupSettings(-1, 0, 0);
    }
    OptimizerConfig config = optimizers.get(part.optimizer());
    if (part.group() == 0) {
      return new GroupSettings(part.optimizer(), config.learningRate(), config.weightDecay());
    }
    ParameterGroup group = config.groups().get(part.group() - 1);
    return new GroupSettings(
        part.optimizer(),
        group.learningRate().orElse(config.learningRate()),
        group.weightDecay().orElse(config.weightDecay()));
  }

  @Override
  public List<FlatGroup> groups() {
    return groups;
  }

  @Override
  public List<NDArray> constants() {
    return constants.stream().map(entry -> entry.getValue().getArray()).toList();
  }

  @Override
  public List<NDArray> buffers() {
    return constants.stream()
        .map(Map.Entry::getValue)
        .filter(parameter -> BUFFER_TYPES.contains(parameter.getType()))
        .map(Parameter::getArray)
        .toList();
  }

  /**
   * Sets what runs each time a parameter is about to receive a gradient, on the thread that
   * computes it; it must not throw.
   */
  public void onGradient(Runnable listener) {
    groups.forEach(group -> group.onGradient(listener));
  }

  /** Zeroes all gradients; afterwards no parameter counts as reached by a backward. */
  public void zeroGradients() {
    groups.forEach(FlatGroup::zeroGradient);
  }

  /**
   * Checks that the block still uses the arrays that were set up.
   *
   * @throws IllegalStateException naming the parameter that was replaced or unfrozen
   */
  public void checkUnchanged() {
    for (FlatGroup group : groups) {
      for (ParameterSlot slot : group.slots()) {
        if (!slot.isUnchanged()) {
          throw new IllegalStateException(
              "Parameter "
                  + slot.name()
                  + " was replaced after setup by a cast, a move, set, copyTo or loadParameters, so"
                  + " the optimizer would train memory that the block no longer uses. Do that before"
                  + " fabric.setup, or use FabricBlock.loadStateDict or fabric.load.");
        }
      }
    }
    for (Map.Entry<String, Parameter> entry : constants) {
      if (entry.getValue().requiresGradient()) {
        throw new IllegalStateException(
            "Parameter "
                + entry.getKey()
                + " was frozen at setup and is trainable now, but belongs to no optimizer. Freeze"
                + " it after fabric.setup, which keeps its place, or unfreeze it before.");
      }
    }
  }

  @Override
  public void close() {
    groups.forEach(FlatGroup::close);
  }
}
