package io.fabric4j.strategies;

import ai.djl.ndarray.NDArray;
import java.util.function.IntConsumer;

/**
 * The trainable parameters of one optimizer group and data type, and their gradients, each in one
 * contiguous array. The length is a multiple of the number of ranks, so that equal slices exist.
 */
public interface FlatBuffers {

  /** Returns the number of elements, padding between parameters included. */
  long length();

  /** Returns all parameters, shape {@code (length)}; writing changes the model. */
  NDArray parameterArray();

  /**
   * Returns all gradients, shape {@code (length + n)}. The last {@code n} elements are flags that
   * must be summed over the ranks like gradients: they tell which parameters any rank reached.
   */
  NDArray gradientArray();

  /** Returns the indices at which parameters begin, ascending; a bucket should begin at one. */
  long[] offsets();

  /**
   * Sets which elements of an already reduced gradient this rank keeps when a later backward adds
   * to it; the ranks' slices must not overlap, since all contributions are summed. By default rank
   * 0 keeps everything.
   */
  void keepReduced(FlatSlice slice);

  /** Returns whether a gradient is a sum over the ranks already, to which backward would add. */
  boolean isReduced();

  /**
   * Reports gradients that are complete during the backward that follows, on the thread that
   * computes them. Some may not be reported; all are complete when backward has ended.
   *
   * @param listener gets a parameter's position in {@link #offsets}, must not throw; null for none
   */
  void watchGradients(IntConsumer listener);

  /** Makes the gradients this rank's contribution to a sum over the ranks, and writes the flags. */
  void prepareReduce();

  /**
   * Takes over the sum that is in the gradients now.
   *
   * @return whether any rank's backward since the last call reached one of the parameters
   */
  boolean finishReduce();
}
