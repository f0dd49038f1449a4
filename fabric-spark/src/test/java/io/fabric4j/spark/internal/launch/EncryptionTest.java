package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionTest {
  private static final String CRYPTO = "spark.network.crypto.enabled";
  private static final SparkFabricOptions STRICT = SparkFabricOptions.of(Map.of());

  private static Encryption encryption(String setting, SparkFabricOptions options) {
    return Encryption.of(new SparkConf(false).set(setting, "true"), options);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {CRYPTO, "spark.authenticate.enableSaslEncryption", "spark.ssl.rpc.enabled"})
  void isOnIfSparkEncrypts(String setting) {
    assertThat(encryption(setting, STRICT).isOn()).isTrue();
    assertThat(Encryption.of(new SparkConf(false), STRICT).isOn()).isFalse();
  }

  @Test
  void refusesNcclBetweenHostsUnlessClearTextIsAllowed() {
    SparkFabricOptions lax =
        SparkFabricOptions.of(Map.of(SparkFabricOptions.ALLOW_CLEAR_TEXT, "true"));
    List<String> hosts = List.of("a", "a", "b");

    assertThatThrownBy(() -> encryption(CRYPTO, STRICT).check("nccl", hosts))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "spark.network.crypto.enabled is true, but NCCL, which connects the GPUs of 2 hosts,"
                + " exchanges gradients and parameters in clear text (who may join is checked). If"
                + " the network between the hosts is trusted, set"
                + " spark.fabric.allow-clear-text=true; the accelerator 'cpu' encrypts.");
    assertThatCode(
            () -> {
              encryption(CRYPTO, lax).check("nccl", hosts);
              encryption(CRYPTO, STRICT).check("nccl", List.of("a", "a"));
              encryption(CRYPTO, STRICT).check("tcp", hosts);
              encryption("spark.unrelated", STRICT).check("nccl", hosts);
            })
        .doesNotThrowAnyException();
  }
}
