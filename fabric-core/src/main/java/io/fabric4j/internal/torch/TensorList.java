package io.fabric4j.internal.torch;

import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Arguments of type {@code Tensor[]} for boxed operator calls. The bindings cannot build such
 * lists, TorchScript can.
 */
final class TensorList {
  private static final String SOURCE =
      """
      def one(t: Tensor) -> List[Tensor]:
          return [t]
      def none() -> List[Tensor]:
          r: List[Tensor] = []
          return r
      """;

  private TensorList() {}

  private static final class Holder {
    private static final CompilationUnit UNIT = compile();
    private static final Function ONE = UNIT.get_function(new QualifiedName("one"));
    private static final Function NONE = UNIT.get_function(new QualifiedName("none"));
  }

  /** Compiles the functions; a scope that is open on the calling thread does not free them. */
  static CompilationUnit compile() {
    return torch.compile(SOURCE).retainReference();
  }

  static IValue of(Tensor tensor) {
    try (IValue value = new IValue(tensor);
        IValueVector arguments = new IValueVector(value)) {
      return Holder.ONE.apply(arguments);
    }
  }

  /** Returns a list of the tensor, or the empty list for null. */
  static IValue ofNullable(FlatTensor tensor) {
    return tensor == null ? empty() : of(tensor.tensor());
  }

  static IValue empty() {
    try (IValueVector arguments = new IValueVector()) {
      return Holder.NONE.apply(arguments);
    }
  }
}
