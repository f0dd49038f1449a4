package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LaunchSecretTest {

  @Test
  void hasAKeyForEachAttempt() throws Exception {
    LaunchSecret secret = new LaunchSecret();
    LaunchSecret shipped =
        (LaunchSecret) ObjectBytes.decode(ObjectBytes.encode(secret), getClass().getClassLoader());

    assertThat(secret.key(0)).hasSize(32).isEqualTo(shipped.key(0));
    assertThat(secret.key(1)).isNotEqualTo(secret.key(0));
    assertThat(new LaunchSecret().key(0)).isNotEqualTo(secret.key(0));
  }

  @Test
  void doesNotShowItself() {
    assertThat(new LaunchSecret().toString()).startsWith(LaunchSecret.class.getName() + "@");
  }
}
