package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ParameterGroup;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A block's parameters in flat buffers, one pair of buffers per optimizer group and data type. */
public final class FlatParameters implements AutoCloseable {
  private static final Set<Parameter.Type> BUFFER_TYPES =
      EnumSet.of(Parameter.Type.RUNNING_MEAN, Parameter.Type.RUNNING_VAR);

  private final List<FlatGroup> groups = new ArrayList<>();
  private final List<Map.Entry<String, Parameter>> constants = new ArrayList<>();

  private FlatParameters() {}

  /**
   * Flattens the trainable parameters of an initialised block; tied ones once, frozen ones not.
   *
   * @param config chooses the groups; null puts all parameters in one
   * @throws IllegalStateException if the block has parameters without values
   */
  public static FlatParameters create(
      Block block, OptimizerConfig config, NDManager manager, ProcessGroup group) {
    FlatParameters flat = new FlatParameters();
    Map<List<Object>, List<Map.Entry<String, Parameter>>> parts = new LinkedHashMap<>();
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
        flat.constants.add(entry);
        continue;
      }
      List<Object> key = List.of(groupIndex(config, pair.getKey()), array.getDataType());
      parts.computeIfAbsent(key, k -> new ArrayList<>()).add(entry);
    }
    parts.entrySet().stream()
        .sorted((a, b) -> Integer.compare((int) a.getKey().get(0), (int) b.getKey().get(0)))
        .forEach(
            part ->
                flat.groups.add(
                    new FlatGroup(
                        part.getValue(),
                        settings(config, (int) part.getKey().get(0)),
                        manager,
                        group)));
    return flat;
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

  /** Returns 0 for the optimizer's own settings, i for its i-th group. */
  private static int groupIndex(OptimizerConfig config, String name) {
    List<ParameterGroup> groups = config == null ? List.of() : config.groups();
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).parameters().test(name)) {
        return i + 1;
      }
    }
    return 0;
  }

  private static GroupSettings settings(OptimizerConfig config, int index) {
    if (config == null) {
      return new GroupSettings(0, 0);
    }
    if (index == 0) {
      return new GroupSettings(config.learningRate(), config.weightDecay());
    }
    ParameterGroup group = config.groups().get(index - 1);
    return new GroupSettings(
        group.learningRate().orElse(config.learningRate()),
        group.weightDecay().orElse(config.weightDecay()));
  }

  public List<FlatGroup> groups() {
    return groups;
  }

  /** Returns the arrays that no optimizer changes: frozen parameters and running statistics. */
  List<NDArray> constants() {
    return constants.stream().map(entry -> entry.getValue().getArray()).toList();
  }

  /** Returns the running statistics that a training forward changes. */
  List<NDArray> buffers() {
    return constants.stream()
        .map(Map.Entry::getValue)
        .filter(parameter -> BUFFER_TYPES.contains(parameter.getType()))
        .map(Parameter::getArray)
        .toList();
  }

  /** Returns names, shapes and types of all parameters, to be compared between ranks. */
  String signature() {
    StringBuilder text = new StringBuilder();
    for (FlatGroup group : groups) {
      for (ParameterSlot slot : group.slots()) {
        text.append(slot.name())
            .append(slot.array().getShape())
            .append(group.dataType())
            .append(' ');
      }
    }
    for (Map.Entry<String, Parameter> entry : constants) {
      text.append(entry.getKey()).append(entry.getValue().getArray().getShape()).append(' ');
    }
    return text.toString();
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
