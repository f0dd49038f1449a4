package io.fabric4j.internal.torch;

import io.fabric4j.internal.TemporaryProperties;
import java.nio.file.Path;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Writes TorchScript files as {@code torch.jit.script(torch.nn.Linear(...)).save(path)} does. */
public final class ScriptedLinear {

  private ScriptedLinear() {}

  /** Writes a linear layer of random weights. */
  public static void save(Path path, long inputs, long outputs) {
    TorchLibrary.load();
    try (TemporaryProperties properties = new TemporaryProperties()) {
      // A class of the bindings that is initialised only now must load no library of its own.
      properties.set("org.bytedeco.javacpp.loadlibraries", "false");
      try (JitModule module = new JitModule(new QualifiedName("Linear"));
          Tensor weight = torch.randn(outputs, inputs);
          Tensor bias = torch.zeros(outputs)) {
        module.register_parameter("weight", weight, false);
        module.register_parameter("bias", bias, false);
        module.define("def forward(self, x):\n  return torch.linear(x, self.weight, self.bias)\n");
        module.save(path.toString());
      }
    }
  }
}
