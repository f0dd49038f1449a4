package io.fabric4j.spark.internal.ml.params;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The params of models, which estimators have too, with their defaults. */
public class PredictionParamSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Param<String> handleInvalid;
  private final IntParam inferBatchSize;
  private final Param<String> useGpu;

  /** Declares the params of a stage, whose uid is known by now. */
  public PredictionParamSet(Params stage) {
    handleInvalid =
        choice(
            stage,
            "handleInvalid",
            "what becomes of rows with null, NaN or arrays of another shape",
            "error",
            "skip",
            "keep");
    inferBatchSize =
        new IntParam(
            stage,
            "inferBatchSize",
            "rows that are predicted at once (> 0)",
            ParamValidators.gt(0));
    useGpu =
        choice(
            stage,
            "useGpu",
            "whether GPUs are used: auto where tasks have some, true fails without",
            "auto",
            "true",
            "false");
    stage.setDefault(handleInvalid, "error");
    stage.setDefault(inferBatchSize, 1024);
    stage.setDefault(useGpu, "auto");
  }

  static Param<String> choice(Params stage, String name, String doc, String... values) {
    return new Param<>(
        stage,
        name,
        doc + "; one of " + String.join(", ", values),
        ParamValidators.inArray(List.of(values)));
  }

  public Param<String> handleInvalid() {
    return handleInvalid;
  }

  public IntParam inferBatchSize() {
    return inferBatchSize;
  }

  public Param<String> useGpu() {
    return useGpu;
  }
}
