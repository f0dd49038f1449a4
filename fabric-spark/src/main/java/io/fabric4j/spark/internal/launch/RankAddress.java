package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Comparator;

/**
 * Where a rank listens.
 *
 * @param bind the local address
 * @param advertised the name or address under which the others reach it
 */
record RankAddress(InetAddress bind, String advertised) {

  /**
   * Returns the address of a rank.
   *
   * @param setting an address, a name or a network interface; empty for the host's own address
   * @param host under which Spark knows this host
   */
  static RankAddress of(String setting, String host) {
    try {
      if (setting.isEmpty()) {
        return new RankAddress(InetAddress.getByName(host), host);
      }
      NetworkInterface network = NetworkInterface.getByName(setting);
      InetAddress bind = network == null ? InetAddress.getByName(setting) : addressOf(network);
      return new RankAddress(bind, bind.isAnyLocalAddress() ? host : bind.getHostAddress());
    } catch (UnknownHostException | SocketException e) {
      throw new FabricException(
          "Cannot listen on '"
              + (setting.isEmpty() ? host : setting)
              + "', which is neither an address nor a network interface of "
              + host
              + ". Set "
              + SparkFabricOptions.BIND_ADDRESS
              + " to what every executor's host has, such as 0.0.0.0 or eth0.",
          e);
    }
  }

  private static InetAddress addressOf(NetworkInterface network) throws UnknownHostException {
    return network
        .inetAddresses()
        .filter(address -> !address.isLinkLocalAddress())
        .min(Comparator.comparing(address -> address instanceof Inet4Address ? 0 : 1))
        .orElseThrow(() -> new UnknownHostException(network.getName() + " has no address"));
  }
}
