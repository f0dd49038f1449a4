package io.fabric4j.internal.optim;

import io.fabric4j.internal.torch.AdagradKernel;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.FusedAdagradKernel;
import io.fabric4j.internal.torch.FusedAdamKernel;
import io.fabric4j.internal.torch.FusedKernel;
import io.fabric4j.internal.torch.FusedSGDKernel;
import io.fabric4j.optim.Adagrad;
import io.fabric4j.optim.Adam;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;

/** The state that a rule keeps per parameter element, and its kernel. */
public interface UpdateRule {

  /** Returns the names of the state tensors, which are torch's. */
  List<String> stateNames();

  /**
   * Binds the rule to a range of parameters.
   *
   * @param states one tensor for each of {@link #stateNames}
   */
  FusedKernel bind(FlatTensor parameters, FlatTensor gradients, List<FlatTensor> states);

  static UpdateRule of(OptimizerConfig config) {
    if (config instanceof SGD sgd) {
      return sgd(sgd);
    }
    return config instanceof Adagrad adagrad ? adagrad(adagrad) : adam((Adam) config);
  }

  private static UpdateRule sgd(SGD sgd) {
    FusedSGDKernel.Constants constants =
        new FusedSGDKernel.Constants(sgd.momentum(), sgd.dampening(), sgd.nesterov());
    List<String> names = sgd.momentum() == 0 ? List.of() : List.of("momentum_buffer");
    return rule(
        names,
        (parameters, gradients, states) ->
            new FusedSGDKernel(
                constants, parameters, gradients, states.isEmpty() ? null : states.get(0)));
  }

  private static UpdateRule adam(Adam adam) {
    FusedAdamKernel.Constants constants =
        new FusedAdamKernel.Constants(
            adam.beta1(), adam.beta2(), adam.eps(), adam.amsgrad(), adam.decoupledWeightDecay());
    List<String> names = new ArrayList<>(List.of("exp_avg", "exp_avg_sq"));
    if (adam.amsgrad()) {
      names.add("max_exp_avg_sq");
    }
    return rule(
        names,
        (parameters, gradients, states) ->
            new FusedAdamKernel(
                constants,
                parameters,
                gradients,
                states.get(0),
                states.get(1),
                adam.amsgrad() ? states.get(2) : null));
  }

  private static UpdateRule adagrad(Adagrad adagrad) {
    FusedAdagradKernel.Constants constants =
        new FusedAdagradKernel.Constants(adagrad.learningRateDecay(), adagrad.eps());
    return rule(
        List.of("sum"),
        (parameters, gradients, states) ->
            parameters.isOnHost()
                ? new FusedAdagradKernel(constants, parameters, gradients, states.get(0))
                : new AdagradKernel(constants, parameters, gradients, states.get(0)));
  }

  private static UpdateRule rule(List<String> names, Binding binding) {
    return new UpdateRule() {
      @Override
      public List<String> stateNames() {
        return names;
      }

      @Override
      public FusedKernel bind(
          FlatTensor parameters, FlatTensor gradients, List<FlatTensor> states) {
        return binding.bind(parameters, gradients, states);
      }
    };
  }

  /** Makes a kernel. */
  @FunctionalInterface
  interface Binding {
    FusedKernel bind(FlatTensor parameters, FlatTensor gradients, List<FlatTensor> states);
  }
}
