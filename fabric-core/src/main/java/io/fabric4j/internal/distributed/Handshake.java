package io.fabric4j.internal.distributed;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The messages by which two ranks prove to each other that they hold the key of the launch.
 *
 * <ol>
 *   <li>The connecting rank sends a hello: version, both ranks, world size, a nonce.
 *   <li>The accepting rank answers with its own nonce and the MAC of hello and nonce.
 *   <li>The connecting rank sends its MAC of the same, made for the other role.
 *   <li>The accepting rank sends one byte: welcome.
 * </ol>
 *
 * <p>If the launch encrypts, all that follows is, with a key for each direction: the MACs of hello
 * and nonce, made for two more roles. Whoever learns the key of the launch later can read what was
 * recorded.
 *
 * <p>Every message has a fixed size, so that no length is taken from an unknown sender. MACs differ
 * by role: none can be reflected.
 */
final class Handshake {
  static final int HELLO_BYTES = 56;
  static final int CHALLENGE_BYTES = 64;
  static final int PROOF_BYTES = 32;
  static final byte WELCOME = 1;

  private static final long MAGIC = 0x4641425249433401L;
  private static final int CLEAR = 1;
  private static final int ENCRYPTED = 2;
  private static final int NONCE_BYTES = 32;

  private final SecretKeySpec key;
  private final int rank;
  private final int size;
  private final int version;

  /**
   * Creates the messages of one rank.
   *
   * @param encrypted whether connections are; equal on all ranks, or they do not connect
   */
  Handshake(byte[] key, int rank, int size, boolean encrypted) {
    this.key = new SecretKeySpec(key, "HmacSHA256");
    this.rank = rank;
    this.size = size;
    this.version = encrypted ? ENCRYPTED : CLEAR;
  }

  /** Returns the first message to a lower rank. */
  byte[] hello(int acceptingRank) {
    return ByteBuffer.allocate(HELLO_BYTES)
        .putLong(MAGIC)
        .putInt(version)
        .putInt(rank)
        .putInt(acceptingRank)
        .putInt(size)
        .put(nonce())
        .array();
  }

  /** Returns the rank that a hello claims, or -1 if it is not one for this rank. */
  int claimedRank(byte[] hello) {
    ByteBuffer buffer = ByteBuffer.wrap(hello);
    boolean known = buffer.getLong() == MAGIC && buffer.getInt() == version;
    int peer = buffer.getInt();
    boolean forMe = buffer.getInt() == rank && buffer.getInt() == size;
    return known && forMe && peer > rank && peer < size ? peer : -1;
  }

  /** Returns the accepting rank's answer. */
  byte[] challenge(byte[] hello) {
    byte[] nonce = nonce();
    return ByteBuffer.allocate(CHALLENGE_BYTES).put(nonce).put(mac("accept", hello, nonce)).array();
  }

  /** Returns whether the accepting rank holds the key. */
  boolean acceptsChallenge(byte[] hello, byte[] challenge) {
    byte[] mac = new byte[PROOF_BYTES];
    ByteBuffer.wrap(challenge, NONCE_BYTES, PROOF_BYTES).get(mac);
    return MessageDigest.isEqual(mac, mac("accept", hello, nonceOf(challenge)));
  }

  /** Returns the connecting rank's answer to a challenge. */
  byte[] proof(byte[] hello, byte[] challenge) {
    return mac("connect", hello, nonceOf(challenge));
  }

  /** Returns whether the connecting rank holds the key. */
  boolean acceptsProof(byte[] hello, byte[] challenge, byte[] proof) {
    return MessageDigest.isEqual(proof, proof(hello, challenge));
  }

  /** Returns the connection, which this rank has accepted. */
  Link acceptedLink(SocketChannel socket, byte[] hello, byte[] challenge) {
    return link(socket, hello, challenge, "accepting rank's key", "connecting rank's key");
  }

  /** Returns the connection, which this rank has opened. */
  Link dialedLink(SocketChannel socket, byte[] hello, byte[] challenge) {
    return link(socket, hello, challenge, "connecting rank's key", "accepting rank's key");
  }

  private Link link(
      SocketChannel socket, byte[] hello, byte[] challenge, String sender, String receiver) {
    if (version == CLEAR) {
      return Link.clear(socket);
    }
    byte[] nonce = nonceOf(challenge);
    return Link.sealed(socket, mac(sender, hello, nonce), mac(receiver, hello, nonce));
  }

  private static byte[] nonceOf(byte[] challenge) {
    byte[] nonce = new byte[NONCE_BYTES];
    ByteBuffer.wrap(challenge).get(nonce);
    return nonce;
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    return nonce;
  }

  private byte[] mac(String role, byte[] hello, byte[] nonce) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(role.getBytes(StandardCharsets.US_ASCII));
      mac.update(hello);
      return mac.doFinal(nonce);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has HmacSHA256.", e);
    }
  }
}
