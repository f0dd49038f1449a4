package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import org.junit.jupiter.api.Test;

class RankAddressTest {

  @Test
  void isTheHostsOwnByDefault() {
    RankAddress address = RankAddress.of("", "localhost");

    assertThat(address.bind().isLoopbackAddress()).isTrue();
    assertThat(address.advertised()).isEqualTo("localhost");
  }

  @Test
  void ofAllInterfacesIsReachedByTheHostsName() {
    RankAddress address = RankAddress.of("0.0.0.0", "worker-7");

    assertThat(address.bind().isAnyLocalAddress()).isTrue();
    assertThat(address.advertised()).isEqualTo("worker-7");
  }

  @Test
  void ofOneInterfaceIsReachedThere() {
    RankAddress byName = RankAddress.of("lo", "worker-7");
    RankAddress byAddress = RankAddress.of("127.0.0.1", "worker-7");

    assertThat(byName).isEqualTo(byAddress);
    assertThat(byName.advertised()).isEqualTo("127.0.0.1");
  }

  @Test
  void namesWhatIsNeitherAnAddressNorAnInterface() {
    assertThatThrownBy(() -> RankAddress.of("eth0.invalid", "worker-7"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot listen on 'eth0.invalid', which is neither an address nor a network interface"
                + " of worker-7. Set spark.fabric.bind-address to what every executor's host has,"
                + " such as 0.0.0.0 or eth0.");
  }
}
