package io.fabric4j.spark.internal.launch;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the ranks of one launch, and nobody else, know. Drawn on the driver; it reaches the ranks in
 * the serialized task, never in a property, because properties are written to the event log.
 */
final class LaunchSecret implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES = 32;

  private final byte[] secret = new byte[BYTES];

  LaunchSecret() {
    new SecureRandom().nextBytes(secret);
  }

  /** Returns the key of one stage attempt, so that a late rank of an older one is kept out. */
  byte[] key(int stageAttempt) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(stageAttempt).array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has " + ALGORITHM + ".", e);
    }
  }
}
