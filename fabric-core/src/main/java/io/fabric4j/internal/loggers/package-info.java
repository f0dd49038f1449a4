/** How loggers reach storage and servers without holding up a training. */
package io.fabric4j.internal.loggers;
