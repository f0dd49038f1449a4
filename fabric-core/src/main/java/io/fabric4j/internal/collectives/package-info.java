/** Collectives over whole values: numbers, arrays, and lists, maps and records of them. */
package io.fabric4j.internal.collectives;
