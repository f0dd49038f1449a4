package io.fabric4j.spark.internal.ml.params;

import io.fabric4j.spark.ml.Network;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** A param whose value describes a network. */
public final class NetworkParam extends Param<Network> {
  private static final long serialVersionUID = 1L;

  /** Declares a param of a stage. */
  public NetworkParam(Params stage, String name, String doc) {
    super(stage, name, doc);
  }

  @Override
  public String jsonEncode(Network value) {
    return value.toJson();
  }

  @Override
  public Network jsonDecode(String json) {
    return Network.fromJson(json);
  }
}
