package io.fabric4j.spark.internal.doctor;

import io.fabric4j.spark.Verdict;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * As whom a process reaches the storage of checkpoints.
 *
 * @param user Hadoop's name of the user
 * @param secure whether Hadoop asks for Kerberos or delegation tokens
 * @param service what a token would be for, null if the storage takes none
 * @param hasToken whether the process has one
 */
record StorageIdentity(String user, boolean secure, String service, boolean hasToken)
    implements Serializable {
  private static final String CHECK = "storage tokens";

  static StorageIdentity of(Configuration configuration, String folder) throws IOException {
    UserGroupInformation user = UserGroupInformation.getCurrentUser();
    FileSystem storage = new Path(folder).getFileSystem(configuration);
    String service = storage.getCanonicalServiceName();
    return new StorageIdentity(
        user.getShortUserName(),
        UserGroupInformation.isSecurityEnabled(),
        service,
        service != null && user.getCredentials().getToken(new Text(service)) != null);
  }

  /**
   * Judges the identity of an executor.
   *
   * @param renewed whether Spark can make new tokens, from a principal and a keytab
   */
  Verdict examine(boolean renewed) {
    if (!secure || service == null) {
      return Verdict.ok(
          CHECK, "Executors reach the storage as user '" + user + "', without delegation tokens.");
    }
    if (!hasToken) {
      return Verdict.failed(
          CHECK,
          "Kerberos is on, and executors have no delegation token for " + service + ".",
          "Run kinit before spark-submit, or pass --principal and --keytab, and name the file system"
              + " in spark.kerberos.access.hadoopFileSystems unless it is fs.defaultFS.");
    }
    return renewed
        ? Verdict.ok(CHECK, "Executors have a token for " + service + ", and Spark renews it.")
        : Verdict.warning(
            CHECK,
            "Executors have a token for "
                + service
                + " that ends within days: Spark cannot make a new one.",
            "For long runs pass --principal and --keytab to spark-submit.");
  }
}
