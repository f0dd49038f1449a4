package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.AdamW;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainTest {

  @Test
  void tellsWhatOneRankDecided() {
    try (Fabric fabric = Fabric.builder().precision("bf16-mixed").build()) {
      fabric.setup(Linear.builder().setUnits(2).build(), new Shape(1, 3), AdamW.builder().build());
      fabric.setupDataloaders(
          FabricDataLoader.of(new NumberedRows(0, 10)).batchSize(4).shuffle(true));
      assertThat(fabric.explain().lines())
          .containsExactly(
              "Rank 0 of 1, local rank 0 on host localhost, device cpu()",
              "Strategy single_device, transport single: nothing is communicated",
              "Precision bf16-mixed: parameters as they are, forward in bfloat16",
              "Block Linear: 0 parameters without gradient, 0 buffers",
              "  2 parameters in one buffer of float32, 1 KiB and as much for gradients; optimizer 0"
                  + " updates 100 % of them on this rank",
              "  gradients: kept as they are",
              "  optimizer 0: state 1 KiB",
              "Data loader of 10 rows: 3 batches of 4 rows per epoch, shuffled anew in each epoch;"
                  + " one rank sees all rows",
              "Exactness: with as many ranks and the same rows, a repeated or resumed run on CPU is"
                  + " bit-equal.");
    }
  }

  @Test
  void tellsHowRanksShare() {
    List<String> texts;
    try (Fabric fabric = Fabric.builder().devices(2).threads(1).strategy("zero").build()) {
      texts =
          fabric.launch(
              rank -> {
                rank.setup(
                    Linear.builder().setUnits(2).build(), new Shape(1, 3), AdamW.builder().build());
                rank.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 10)));
                return rank.processGroup().allGatherObject(rank.explain());
              });
    }
    assertThat(texts.get(1).lines())
        .contains(
            "Rank 1 of 2, local rank 1 on host localhost, device cpu()",
            "Strategy zero_stage_2, transport shared-memory: gradients are combined over the ranks,"
                + " in rank order",
            "  2 parameters in one buffer of float32, 1 KiB and as much for gradients; optimizer 0"
                + " updates 50 % of them on this rank",
            "  gradients: summed on each rank for its slice, then the updated slices are gathered",
            "Data loader of 10 rows: 5 batches of 1 rows per epoch, in order; shared out by a"
                + " distributed sampler");
  }
}
