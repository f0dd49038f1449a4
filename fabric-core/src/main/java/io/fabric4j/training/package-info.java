/** DJL's evaluators and training listeners in a loop of one rank or many. */
package io.fabric4j.training;
