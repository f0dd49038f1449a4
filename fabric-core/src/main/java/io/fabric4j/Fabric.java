package io.fabric4j;

/** The entry point of Fabric. */
public final class Fabric {
  private Fabric() {}
}
