package io.fabric4j.internal.distributed;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Where a rank listens and with which key and settings, so that it can join further groups. */
final class Site {
  private static final String ALGORITHM = "HmacSHA256";

  private final InetAddress bind;
  private final String host;
  private final byte[] key;
  private final GroupOptions options;

  Site(InetAddress bind, String host, byte[] key, GroupOptions options) {
    this.bind = bind;
    this.host = host;
    this.key = key;
    this.options = options;
  }

  /**
   * Starts to listen for the members of a subgroup.
   *
   * @param number the subgroup's number, equal on all ranks: each subgroup has its own key
   */
  GroupBootstrap open(long number, Duration callTimeout) {
    GroupOptions own =
        options.withTimeouts(options.connectTimeout(), callTimeout, options.peerTimeout());
    return GroupBootstrap.open(bind, host, subgroupKey(number), own);
  }

  private byte[] subgroupKey(long number) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(("subgroup " + number).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime lacks " + ALGORITHM + ".", e);
    }
  }
}
