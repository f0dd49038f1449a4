package io.fabric4j;

/** Where {@link Fabric#print} writes lines. */
@FunctionalInterface
public interface FabricPrinter {

  /** Writes one line. */
  void print(String line);
}
