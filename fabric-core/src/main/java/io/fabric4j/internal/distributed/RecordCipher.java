package io.fabric4j.internal.distributed;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM for one direction of a connection. Records have numbers, which are the nonces: one
 * that is changed, left out, repeated or moved does not open. After a number of records the key is
 * replaced by one derived from it, well before AES-GCM's bounds on the use of a key.
 *
 * <p>A record is the length of its clear text (4 bytes), as many encrypted bytes, and a tag.
 */
final class RecordCipher {
  static final int MAX_CLEAR_BYTES = 64 << 10;
  static final int HEADER_BYTES = Integer.BYTES;
  static final int TAG_BYTES = 16;
  static final int MAX_RECORD_BYTES = HEADER_BYTES + MAX_CLEAR_BYTES + TAG_BYTES;

  /** 64 GiB of full records; RFC 8446, 5.5 allows some 360 GB for one key. */
  static final long RECORDS_PER_KEY = 1L << 20;

  private static final int NONCE_BYTES = 12;
  private static final byte[] NEXT_KEY = {'n', 'e', 'x', 't'};

  private final int mode;
  private final long recordsPerKey;
  private final Cipher cipher;
  private SecretKeySpec key;
  private long number;

  /**
   * Creates a cipher.
   *
   * @param mode {@link Cipher#ENCRYPT_MODE} or {@link Cipher#DECRYPT_MODE}
   * @param key 32 bytes, used for this direction of this connection only
   */
  RecordCipher(int mode, byte[] key, long recordsPerKey) {
    this.mode = mode;
    this.recordsPerKey = recordsPerKey;
    this.key = new SecretKeySpec(key, "AES");
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has AES/GCM.", e);
    }
  }

  /**
   * Encrypts or decrypts the next record.
   *
   * @throws GeneralSecurityException if it is not what the holder of the key sent
   */
  void process(ByteBuffer input, ByteBuffer output) throws GeneralSecurityException {
    if (number == recordsPerKey) {
      replaceKey();
    }
    ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(Integer.BYTES, number++);
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce.array()));
    cipher.doFinal(input, output);
  }

  private void replaceKey() throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(key);
    key = new SecretKeySpec(mac.doFinal(NEXT_KEY), "AES");
    number = 0;
  }
}
