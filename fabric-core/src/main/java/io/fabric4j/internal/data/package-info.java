/** Planning of epochs over the ranks' rows. */
package io.fabric4j.internal.data;
