package io.fabric4j.internal.distributed;

import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;

/** Collectives over the mesh alone: every rank is its own leader. */
final class TcpProcessGroup extends MeshProcessGroup {
  private final TcpExchange exchange;

  TcpProcessGroup(Mesh mesh, GroupSettings settings) {
    super(mesh, settings);
    exchange = new TcpExchange(mesh, Hosts.apart(mesh.size()), settings.chunkBytes());
  }

  @Override
  public String transport() {
    return Transport.TCP.label();
  }

  @Override
  public boolean isAsynchronous() {
    return true;
  }

  @Override
  void join(PendingCall pending) {
    exchange.join(pending);
  }

  @Override
  FlatTensor allocate(PendingCall pending) {
    join(pending);
    return FlatTensor.zeros(pending.call().dataType(), pending.call().length());
  }

  @Override
  void allReduce(PendingCall pending, FlatTensor array) {
    exchange.allReduce(pending, List.of(array), array);
  }

  @Override
  void broadcast(PendingCall pending, FlatTensor array) {
    exchange.broadcast(pending, array, pending.call().root());
  }

  @Override
  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    exchange.allGather(pending, List.of(input), output);
  }

  @Override
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    exchange.reduceScatter(pending, List.of(output), List.of(input));
  }
}
