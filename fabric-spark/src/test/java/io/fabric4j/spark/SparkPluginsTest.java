package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBlock;
import io.fabric4j.callbacks.Callback;
import io.fabric4j.loggers.CSVLogger;
import io.fabric4j.optim.SGD;
import io.fabric4j.strategies.ZeroStrategy;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkPluginsTest extends SparkTest {

  /** Counts what it sees on its rank. */
  private static final class Counter implements Callback, Serializable {
    private static final long serialVersionUID = 1;
    private int setups;

    @Override
    public void onAfterSetup(Fabric fabric, FabricBlock block) {
      setups++;
    }

    void report(List<Integer> counts) {
      counts.add(setups);
    }
  }

  @Test
  void eachRankGetsItsOwnStrategyCallbacksAndLoggers(@TempDir Path folder) throws Exception {
    Counter counter = new Counter();
    String strategy =
        SparkFabric.builder(spark)
            .numWorkers(2)
            .strategy(ZeroStrategy.stage1())
            .callbacks(counter)
            .loggers(CSVLogger.builder(folder.toString()).build())
            .build()
            .launch(
                fabric -> {
                  fabric.setup(
                      Linear.builder().setUnits(2).build(), new Shape(1, 3), SGD.builder().build());
                  List<Integer> counts = new ArrayList<>();
                  fabric.call("report", counts);
                  fabric.log("setups", counts.get(0) + fabric.globalRank(), 0);
                  return fabric.strategy().name();
                });

    assertThat(strategy).isEqualTo("zero_stage_1");
    assertThat(counter.setups).as("on the driver").isZero();
    assertThat(Files.readAllLines(folder.resolve("lightning_logs/version_0/metrics.csv")))
        .containsExactly("setups,step", "1,0");
  }
}
