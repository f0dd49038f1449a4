/** Calls the hooks of callbacks. */
package io.fabric4j.internal.callbacks;
