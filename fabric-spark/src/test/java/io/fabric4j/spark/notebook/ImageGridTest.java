package io.fabric4j.spark.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ImageGridTest {

  @Test
  void picturesAreInThePage() throws Exception {
    ImageGrid grid = ImageGrid.of(3).add(new double[] {0, 0.5, 1, 2, -1, 0}, "a <b> & 'c'");

    Element image = (Element) Markup.parse(grid).getElementsByTagName("img").item(0);

    String source = image.getAttribute("src");
    assertThat(source).startsWith("data:image/png;base64,");
    BufferedImage picture =
        ImageIO.read(
            new ByteArrayInputStream(
                Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1))));
    assertThat(picture.getWidth()).isEqualTo(3);
    assertThat(picture.getRaster().getPixels(0, 0, 3, 2, (int[]) null))
        .containsExactly(0, 128, 255, 255, 0, 0);
    assertThat(image.getParentNode().getTextContent()).isEqualTo("a <b> & 'c'");
    assertThat(grid.text()).isEqualTo("1 pictures: a <b> & 'c'");
  }

  @Test
  void rejectsWhatIsNoPicture() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.of(28).add(new double[30], "x"))
        .withMessage("30 pixels do not fill rows of 28. Pass whole rows.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.of(0))
        .withMessage("The width is 0. A picture has 1 pixel or more.");
  }
}
