package io.fabric4j.spark.notebook;

import static io.fabric4j.spark.notebook.Html.escape;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Small gray pictures with a caption each. Immutable: adding one returns another grid. */
public final class ImageGrid implements Figure {
  private static final long serialVersionUID = 1L;

  private final int width;
  private final ArrayList<Picture> pictures;

  private record Picture(String png, String caption) implements Serializable {}

  private ImageGrid(int width, List<Picture> pictures) {
    this.width = width;
    this.pictures = new ArrayList<>(pictures);
  }

  /**
   * Returns a grid without pictures.
   *
   * @param width of each picture in pixels
   * @throws IllegalArgumentException if it is not positive
   */
  public static ImageGrid of(int width) {
    if (width < 1) {
      throw new IllegalArgumentException(
          "The width is " + width + ". A picture has 1 pixel or more.");
    }
    return new ImageGrid(width, List.of());
  }

  /**
   * Adds a picture.
   *
   * @param gray from 0, black, to 1, white, row after row
   * @throws IllegalArgumentException if they do not fill rows of the grid's width
   */
  public ImageGrid add(double[] gray, String caption) {
    Objects.requireNonNull(caption, "caption is null");
    if (gray.length == 0 || gray.length % width != 0) {
      throw new IllegalArgumentException(
          "%d pixels do not fill rows of %d. Pass whole rows.".formatted(gray.length, width));
    }
    List<Picture> more = new ArrayList<>(pictures);
    more.add(new Picture(png(gray), caption));
    return new ImageGrid(width, more);
  }

  private String png(double[] gray) {
    BufferedImage image =
        new BufferedImage(width, gray.length / width, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < gray.length; i++) {
      int level = (int) Math.round(255 * Math.max(0, Math.min(1, gray[i])));
      image.getRaster().setSample(i % width, i / width, 0, level);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  @Override
  public String html() {
    return pictures.stream()
        .map(
            picture ->
                "<div style=\"margin:0 8px 8px 0;text-align:center;font:11px sans-serif\"><img"
                    + " width=\"56\" style=\"display:block;margin:0;image-rendering:pixelated\""
                    + " alt=\"\" src=\"data:image/png;base64,"
                    + picture.png
                    + "\">"
                    + escape(picture.caption)
                    + "</div>")
        .collect(Collectors.joining("", "<div style=\"display:flex;flex-wrap:wrap\">", "</div>"));
  }

  @Override
  public String text() {
    return pictures.stream()
        .map(Picture::caption)
        .collect(Collectors.joining(", ", pictures.size() + " pictures: ", ""));
  }
}
