/** How ranks train one model together. */
package io.fabric4j.strategies;
