/** Where metrics and hyperparameters of a run are written. */
package io.fabric4j.loggers;
