package io.fabric4j.spark.ml;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/** A module that was saved by torch.jit. */
final class TorchScriptNetwork implements Network {
  private static final long serialVersionUID = 1L;

  private final byte[] script;

  TorchScriptNetwork(byte[] script) {
    this.script = script;
  }

  byte[] script() {
    return script;
  }

  @Override
  public Block newBlock(NDManager owner, NetworkSignature signature) {
    Model model = Model.newInstance("fabric", owner.getDevice());
    owner.attachInternal(NDManager.nextUid(), model);
    try {
      model.load(new ByteArrayInputStream(script), Map.of());
    } catch (IOException | MalformedModelException | RuntimeException e) {
      throw new IllegalArgumentException(
          "libtorch cannot read the TorchScript file: "
              + e.getMessage()
              + ". Write it with torch.jit.script(module).save(path).",
          e);
    }
    Block block = model.getBlock();
    block.freezeParameters(false); // DJL loads for inference
    return block;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TorchScriptNetwork network && Arrays.equals(script, network.script);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(script);
  }

  @Override
  public String toString() {
    return "TorchScriptNetwork[" + script.length + " bytes]";
  }
}
