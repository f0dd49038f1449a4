/** What one rank does for its precision mode around forward and backward. */
package io.fabric4j.internal.precision;
