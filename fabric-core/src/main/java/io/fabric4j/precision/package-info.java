/** Precision modes. */
package io.fabric4j.precision;
