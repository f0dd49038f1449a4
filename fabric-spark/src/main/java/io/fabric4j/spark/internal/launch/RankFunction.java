package io.fabric4j.spark.internal.launch;

import io.fabric4j.Fabric;
import io.fabric4j.spark.internal.data.Table;
import java.io.Serializable;
import java.util.Map;

/** What a rank runs: the user's function, given the rank's rows of each input. */
@FunctionalInterface
public interface RankFunction<R> extends Serializable {

  R run(Fabric fabric, Map<String, Table> tables) throws Exception;
}
