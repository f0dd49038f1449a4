package io.fabric4j.internal.parameters;

/** A collective that sums a model's gradients and their flags over the ranks. */
public interface GradientSum extends AutoCloseable {

  /** Announces a backward after which {@link #run} follows, and nothing else before. */
  default void beforeBackward() {}

  /** Sums; every rank calls it. */
  void run();

  /** Says in a few words what {@link #run} does. */
  String describe();

  @Override
  void close();
}
