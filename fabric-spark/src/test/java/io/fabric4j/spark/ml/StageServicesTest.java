package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWritable;
import org.junit.jupiter.api.Test;

/** What a Spark Connect server asks of stages: it finds them as services, and makes them by uid. */
class StageServicesTest {

  private static <T> List<? extends Class<? extends T>> services(Class<T> kind) {
    return ServiceLoader.load(kind).stream()
        .map(ServiceLoader.Provider::type)
        .filter(type -> type.getName().startsWith("io.fabric4j."))
        .toList();
  }

  @Test
  void modelsAreServices() throws ReflectiveOperationException {
    List<? extends Class<? extends Transformer>> models = services(Transformer.class);
    assertThat(models)
        .extracting(Class::getSimpleName)
        .containsExactlyInAnyOrder(
            "FabricClassificationModel", "FabricModel", "FabricRegressionModel");
    for (Class<? extends Transformer> model : models) {
      check(model);
      assertThat(model.getMethod("estimatedSize").getDeclaringClass()).isNotEqualTo(Model.class);
    }
  }

  @Test
  @SuppressWarnings("rawtypes") // Spark's look-up is raw, too
  void estimatorsAreServices() throws ReflectiveOperationException {
    List<? extends Class<? extends Estimator>> estimators = services(Estimator.class);
    assertThat(estimators)
        .extracting(Class::getSimpleName)
        .containsExactlyInAnyOrder("FabricClassifier", "FabricEstimator", "FabricRegressor");
    for (Class<? extends Estimator> estimator : estimators) {
      check(estimator);
    }
  }

  private static void check(Class<? extends Params> stage) throws ReflectiveOperationException {
    Params made = stage.getConstructor(String.class).newInstance("id-7");
    assertThat(made.uid()).isEqualTo("id-7");
    assertThat(stage.getConstructor().newInstance().uid()).contains("_");
    assertThat(made).isInstanceOf(MLWritable.class);
    assertThat(Modifier.isStatic(stage.getMethod("load", String.class).getModifiers())).isTrue();
    assertThat(stage.getMethod("load", String.class).getReturnType()).isEqualTo(stage);
    assertThat(Modifier.isStatic(stage.getMethod("read").getModifiers())).isTrue();
  }
}
