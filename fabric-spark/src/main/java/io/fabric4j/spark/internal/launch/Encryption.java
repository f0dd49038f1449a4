package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * Whether ranks encrypt what they send to each other: if Spark is told to encrypt its own traffic.
 * Made on the driver, whose settings count.
 *
 * @param setting the setting of Spark that asks for it, empty if none does
 * @param clearTextAllowed whether what cannot be encrypted may be sent all the same
 */
record Encryption(String setting, boolean clearTextAllowed) implements Serializable {
  private static final String NCCL = "nccl";

  static Encryption of(SparkConf conf, SparkFabricOptions options) {
    return new Encryption(
        Stream.of(
                "spark.network.crypto.enabled",
                "spark.authenticate.enableSaslEncryption",
                "spark.ssl.rpc.enabled")
            .filter(key -> conf.getBoolean(key, false))
            .findFirst()
            .orElse(""),
        options.allowClearText());
  }

  boolean isOn() {
    return !setting.isEmpty();
  }

  /**
   * Refuses a transport that would send in clear what has to be encrypted.
   *
   * @param hosts host of each rank
   */
  void check(String transport, List<String> hosts) {
    int count = new HashSet<>(hosts).size();
    if (isOn() && !clearTextAllowed && transport.equals(NCCL) && count > 1) {
      throw new FabricException(
          setting
              + " is true, but NCCL, which connects the GPUs of "
              + count
              + " hosts, exchanges gradients and parameters in clear text (who may join is"
              + " checked). If the network between the hosts is trusted, set "
              + SparkFabricOptions.ALLOW_CLEAR_TEXT
              + "=true; the accelerator 'cpu' encrypts.");
    }
  }
}
