package io.fabric4j.internal.optim;

import java.util.Map;

/**
 * Where a loaded state goes.
 *
 * @param arrays to write into, by {@code <state>.<parameter>}
 * @param commit makes what was written the optimizer's state
 */
public record StateTarget(Map<String, Object> arrays, Runnable commit) {}
