package io.fabric4j.spark.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class DoctorArgumentsTest {

  @Test
  void asksForHelpWhateverElseIsGiven() {
    assertThat(DoctorArguments.parse("--workers", "--help").helpRequested()).isTrue();
    assertThat(DoctorArguments.parse().helpRequested()).isFalse();
  }

  @Test
  void rejectsWhatItDoesNotUnderstand() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DoctorArguments.parse("--worker", "8"))
        .withMessage(
            "Unknown argument '--worker'. Known are --workers, --parameters, --moments,"
                + " --checkpoints, --help.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DoctorArguments.parse("--workers"))
        .withMessage("--workers has no value. Run with --help.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DoctorArguments.parse("--workers", "many"))
        .withMessage("--workers is 'many'. Give it a number from 1, such as 2, 25M or 1.5B.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DoctorArguments.parse("--workers", "3B"))
        .withMessage("--workers is '3B'. Give it a number from 1, such as 2, 25M or 1.5B.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DoctorArguments.parse("--moments", "-1"))
        .withMessage("--moments is '-1'. Give it a number from 0, such as 2, 25M or 1.5B.");
  }
}
