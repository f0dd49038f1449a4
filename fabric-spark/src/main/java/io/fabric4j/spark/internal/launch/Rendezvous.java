package io.fabric4j.spark.internal.launch;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.BarrierTaskContext;

/**
 * Where the ranks are, in rank order.
 *
 * @param hosts Spark's name of each rank's host
 * @param endpoints what each rank's group published
 */
record Rendezvous(List<String> hosts, List<String> endpoints) {
  private static final String SEPARATOR = "\n";

  /** Exchanges places. Several ranks take about a second: Spark's barrier sleeps that long. */
  static Rendezvous exchange(BarrierTaskContext context, String host, String endpoint) {
    if (context.getTaskInfos().length == 1) {
      return new Rendezvous(List.of(host), List.of(endpoint));
    }
    List<String> hosts = new ArrayList<>();
    List<String> endpoints = new ArrayList<>();
    for (String message : context.allGather(host + SEPARATOR + endpoint)) {
      String[] parts = message.split(SEPARATOR, 2);
      hosts.add(parts[0]);
      endpoints.add(parts[1]);
    }
    return new Rendezvous(hosts, endpoints);
  }

  /** Returns the name under which Spark knows the host of this task; the port is Spark's own. */
  static String host(BarrierTaskContext context) {
    String address = context.getTaskInfos()[context.partitionId()].address();
    return address.substring(0, address.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
  }
}
