package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.nn.Blocks;
import io.fabric4j.callbacks.Callback;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Spark ML expects of params. */
class EstimatorParamsTest {
  /** Spark's own users know these as not set. */
  private static final Set<String> WITHOUT_DEFAULT =
      Set.of(
          "callbacks",
          "checkpointDir",
          "checkpointInterval",
          "lossFunction",
          "losses",
          "loggers",
          "runId",
          "thresholds",
          "validationIndicatorCol",
          "weightCol");

  static List<Estimator<?>> estimators() {
    return List.of(new FabricClassifier(), new FabricRegressor(), new FabricEstimator());
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void explainsEveryParamAndHasDefaults(Estimator<?> estimator) {
    assertThat(estimator.params()).hasSizeGreaterThan(30);
    for (Param<?> param : estimator.params()) {
      assertThat(param.doc()).as(param.name()).isNotBlank();
      assertThat(param.parent()).as(param.name()).isEqualTo(estimator.uid());
      assertThat(estimator.hasDefault(param))
          .as(param.name())
          .isNotEqualTo(WITHOUT_DEFAULT.contains(param.name()));
      assertThat(estimator.explainParams()).contains(param.name() + ": ");
    }
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void copiesKeepUidAndEveryParam(Estimator<?> estimator) {
    FabricTrainingParams<?> stage = (FabricTrainingParams<?>) estimator;
    stage.setValidationIndicatorCol("held");
    stage.setNetwork(Network.wideAndDeep(3));
    stage.setEpochs(7);

    Estimator<?> copy = estimator.copy(new ParamMap().put(stage.batchSize(), 5));

    FabricTrainingParams<?> copied = (FabricTrainingParams<?>) copy;
    assertThat(copy.uid()).isEqualTo(estimator.uid());
    assertThat(copied.getValidationIndicatorCol()).isEqualTo("held");
    assertThat(copied.getNetwork()).isEqualTo(Network.wideAndDeep(3));
    assertThat(copied.getMaxIter()).isEqualTo(7);
    assertThat(copied.getBatchSize()).isEqualTo(5);
    assertThat(stage.getBatchSize()).isEqualTo(64);
  }

  @Test
  void takesTheGivenUid() {
    assertThat(new FabricClassifier("mine").uid()).isEqualTo("mine");
    assertThat(new FabricClassifier("mine").featuresCol().parent()).isEqualTo("mine");
    assertThat(new FabricRegressor().uid()).startsWith("fabricRegressor_");
    assertThat(new FabricEstimator("own").uid()).isEqualTo("own");
  }

  @Test
  void rejectsValuesThatAreNeverValid() {
    FabricClassifier stage = new FabricClassifier("stage");

    assertThatThrownBy(() -> stage.setBatchSize(0))
        .hasMessage("stage parameter batchSize given invalid value 0.");
    assertThatThrownBy(() -> stage.setStepSize(0)).hasMessageContaining("stepSize given invalid");
    assertThatThrownBy(() -> stage.setMaxIter(-1)).hasMessageContaining("maxIter given invalid");
    assertThatThrownBy(() -> stage.setOptimizer("lion"))
        .hasMessageContaining("optimizer given invalid value lion");
    assertThatThrownBy(() -> stage.setValidationFraction(1))
        .hasMessageContaining("validationFraction given invalid value 1.0");
    assertThatThrownBy(() -> stage.setMetrics("auc")).hasMessageContaining("metrics given invalid");
    assertThatThrownBy(() -> stage.setHandleInvalid("drop"))
        .hasMessageContaining("handleInvalid given invalid value drop");
    assertThatThrownBy(() -> stage.setPrecision("8-bit"))
        .hasMessageContaining("precision given invalid value 8-bit");
    assertThatThrownBy(() -> new FabricEstimator().setLosses("hinge"))
        .hasMessageContaining("losses given invalid");
  }

  @Test
  void refusesToWriteObjectsOfCode() {
    FabricClassifier stage = new FabricClassifier();

    assertThatThrownBy(() -> stage.callbacks().jsonEncode(new Object[] {new Callback() {}}))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(
            "The stage cannot be saved with its param callbacks, whose value is an object of code."
                + " Clear it first, with stage.clear(stage.callbacks()), and set it again after"
                + " loading.");
  }

  @Test
  void writesNetworksAsText() {
    for (Network network :
        List.of(
            Network.linear(),
            Network.mlp(5, 6),
            Network.wideAndDeep(7),
            Network.cnn(),
            Network.cnn(8, 9, 3),
            new TorchScriptNetwork(new byte[] {1, 2}))) {
      Param<Network> param = new FabricClassifier().network();
      assertThat(param.jsonDecode(param.jsonEncode(network))).isEqualTo(network);
    }
  }

  @Test
  void writesFactoriesByTheNameOfTheirClass() {
    Network network = Network.of(new TwoLayers());

    assertThat(network.toJson()).contains(TwoLayers.class.getName());
    assertThat(((FactoryNetwork) Network.fromJson(network.toJson())).factory())
        .isInstanceOf(TwoLayers.class);
  }

  @Test
  void saysWhyFactoriesCannotBeWritten() {
    assertThatThrownBy(() -> Network.of((m, p, a) -> Blocks.identityBlock()).toJson())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The network cannot be saved: of its block factory, ")
        .hasMessageEndingWith(
            "only the name of the class would be written, and that does not make an equal one. Use a"
                + " named class with a public constructor without arguments and without settings,"
                + " instead of a lambda or an anonymous class.");
    TwoLayers changed = new TwoLayers();
    changed.size = 9;
    assertThatThrownBy(() -> Network.of(changed).toJson())
        .hasMessageContaining("does not make an equal one");
  }

  @Test
  void rejectsDescriptionsOfNoNetwork() {
    assertThatThrownBy(() -> Network.fromJson("{\"network\":\"transformer\"}"))
        .hasMessage(
            "This is no description of a network that this release knows:"
                + " {\"network\":\"transformer\"}. Read it with the release that wrote it.");
    assertThatThrownBy(() -> Network.fromJson("{\"network\":\"factory\",\"factory\":\"a.B\"}"))
        .hasMessageStartingWith("Cannot create the network's block factory a.B:");
    assertThatThrownBy(() -> Network.mlp())
        .hasMessage(
            "The hidden layers of mlp are []. Give at least one size, each from 1 on, or use"
                + " linear().");
    assertThatThrownBy(() -> Network.cnn(28, 0, 1))
        .hasMessage("The images of cnn are 28 x 0 with 1 channels. Each has to be 1 or more.");
    assertThatThrownBy(() -> Network.torchScript("/no/such.pt"))
        .hasMessageStartingWith("Cannot read the TorchScript file /no/such.pt:");
  }
}
