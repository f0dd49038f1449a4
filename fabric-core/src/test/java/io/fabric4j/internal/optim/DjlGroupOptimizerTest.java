package io.fabric4j.internal.optim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.fabric4j.FabricException;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.optim.DjlOptimizer;
import io.fabric4j.strategies.FlatSlice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DjlGroupOptimizerTest {

  private static Optimizer sgd() {
    return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
  }

  @Test
  void rejectsSlicesOfAGroup() {
    TorchLibrary.load();
    DjlOptimizer config = DjlOptimizer.of(sgd());
    try (NDManager manager = NDManager.newBaseManager()) {
      Linear block = Linear.builder().setUnits(5).build();
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      try (FlatParameters flat =
          FlatParameters.create(block, List.of(config), manager, new SingleProcessGroup())) {
        FlatGroup group = flat.groups().get(0);
        GroupOptimizer.Factory factory = GroupOptimizer.factory(config);
        assertThatThrownBy(() -> factory.create(group, new FlatSlice(16, 32), manager))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "DJL optimizers update whole parameters, but the strategy gives this rank elements"
                    + " 16 to 32 of 32. Use SGD, Adam or AdamW of io.fabric4j.optim, or a strategy"
                    + " that does not shard optimizer states, such as ddp.");
      }
    }
  }

  @Test
  void rejectsBfloat16() {
    TorchLibrary.load();
    DjlOptimizer config = DjlOptimizer.of(sgd());
    try (NDManager manager = NDManager.newBaseManager()) {
      Linear block = Linear.builder().setUnits(5).optBias(false).build();
      NDArray weight = Casts.zeros(manager, new Shape(5, 3), DataType.BFLOAT16);
      weight.setRequiresGradient(true);
      block.getDirectParameters().get("weight").setArray(weight);
      try (FlatParameters flat =
          FlatParameters.create(block, List.of(config), manager, new SingleProcessGroup())) {
        FlatGroup group = flat.groups().get(0);
        GroupOptimizer.Factory factory = GroupOptimizer.factory(config);
        FlatSlice whole = new FlatSlice(0, group.length());
        assertThatThrownBy(() -> factory.create(group, whole, manager))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "DJL optimizers cannot update parameters of type BFLOAT16, such as weight. Use SGD,"
                    + " Adam or AdamW of io.fabric4j.optim, or another precision.");
      }
    }
  }

  @Test
  void rejectsStateThatCheckpointsWouldMiss() {
    DjlOptimizer config = DjlOptimizer.of(new Remembering());
    assertThatThrownBy(() -> GroupOptimizer.factory(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Field gradients of io.fabric4j.internal.optim.DjlGroupOptimizerTest$Remembering has"
                + " the type java.util.List<ai.djl.ndarray.NDArray>, which checkpoints would miss."
                + " Keep state in fields of type Map<String, Map<Device, NDArray>>, as DJL's own"
                + " optimizers do.");
  }

  @Test
  void namesFieldsThatDjlDoesNotHave() {
    assertThatThrownBy(() -> DjlState.field(Optimizer.class, "updates"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "This version of DJL has no field updates in ai.djl.training.optimizer.Optimizer, so"
                + " the state of its optimizers cannot be saved. Use the DJL version that Fabric"
                + " was built with, or an optimizer of io.fabric4j.optim.");
  }

  @Test
  void namesFieldsOfClosedModules() {
    assertThatThrownBy(() -> DjlState.field(String.class, "hash"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot access private int java.lang.String.hash, which is state of an optimizer. If"
                + " its module is not open, start Java with --add-opens for its package.");
  }

  /** Keeps gradients in a list. */
  private static final class Remembering extends Optimizer {
    private final List<NDArray> gradients = new ArrayList<>();

    Remembering() {
      super(Optimizer.sgd());
    }

    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
      gradients.add(grad);
    }
  }
}
