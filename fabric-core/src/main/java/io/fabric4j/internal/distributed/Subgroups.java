package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The subgroups that a rank of a group is a member of. They end with the group. */
final class Subgroups implements AutoCloseable {
  private final ProcessGroup parent;
  private final Site site;
  private final List<ProcessGroup> members = new CopyOnWriteArrayList<>();
  private volatile ProcessGroupException ended;
  private long created;

  Subgroups(ProcessGroup parent, Site site) {
    this.parent = parent;
    this.site = site;
  }

  /** Makes a subgroup together with all ranks of the parent; empty on ranks outside it. */
  Optional<ProcessGroup> create(List<Integer> ranks, Duration callTimeout) {
    created++;
    boolean listens =
        SubgroupProposal.isValid(ranks, parent.size()) && ranks.contains(parent.rank());
    if (!listens) {
      propose(ranks, "", "");
      return Optional.empty();
    }
    try (GroupBootstrap bootstrap = open(ranks, callTimeout)) {
      return Optional.of(join(bootstrap, ranks, propose(ranks, bootstrap.endpoint(), "")));
    }
  }

  /** A rank that cannot listen tells the others, which wait for its endpoint. */
  private GroupBootstrap open(List<Integer> ranks, Duration callTimeout) {
    try {
      return site.open(created, callTimeout);
    } catch (FabricException e) {
      propose(ranks, "", e.getMessage());
      throw e;
    }
  }

  private List<SubgroupProposal> propose(List<Integer> ranks, String endpoint, String failure) {
    List<SubgroupProposal> proposals =
        parent.allGatherObject(new SubgroupProposal(new ArrayList<>(ranks), endpoint, failure));
    SubgroupProposal.requireAgreement(proposals);
    return proposals;
  }

  private ProcessGroup join(
      GroupBootstrap bootstrap, List<Integer> ranks, List<SubgroupProposal> proposals) {
    List<String> endpoints = ranks.stream().map(rank -> proposals.get(rank).endpoint()).toList();
    ProcessGroup group = bootstrap.join(ranks.indexOf(parent.rank()), endpoints);
    members.removeIf(member -> member instanceof MeshProcessGroup mesh && mesh.isClosed());
    members.add(group);
    if (ended != null) {
      group.abort(ended);
    }
    return group;
  }

  /** Aborts the subgroups because the parent has failed. Safe from any thread. */
  void abort(Failure failure) {
    ended =
        new ProcessGroupException(
            "The group of the subgroup has ended: " + failure.text(), failure.cause());
    members.forEach(member -> member.abort(ended));
  }

  @Override
  public void close() {
    members.forEach(ProcessGroup::close);
    members.clear();
  }
}
