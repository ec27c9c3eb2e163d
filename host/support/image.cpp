#include <algorithm>

#include "host/support/media.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wcast-function-type"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image.h>
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

namespace rune {

Result<Image, Diagnostic> read_image(const std::string& path) {
  const auto file = read_file(path);
  if (!file.ok()) return file.error();
  Image image;
  int channels_in_file = 0;
  stbi_uc* pixels = stbi_load_from_memory(file.value().data(), static_cast<int>(file.value().size()),
                                          &image.width, &image.height, &channels_in_file, image.channels);
  if (pixels == nullptr) {
    return Diagnostic{.where = {.file = path},
                      .what = std::string("is no image (") + stbi_failure_reason() + ")",
                      .hint = "a PNG or JPEG file"};
  }
  const size_t size = static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3;
  image.pixels.assign(pixels, pixels + size);
  stbi_image_free(pixels);
  return image;
}

Image scale_image(const Image& image, int width, int height, int channels) {
  Image scaled{.width = width, .height = height, .channels = image.channels, .pixels = {}};
  scaled.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) *
                       static_cast<size_t>(image.channels));
  // At its own size an image stays what it is, to the bit.
  if (width == image.width && height == image.height) {
    scaled.pixels = image.pixels;
  } else {
    stbir_resize_uint8(image.pixels.data(), image.width, image.height, 0, scaled.pixels.data(), width, height,
                       0, image.channels);
  }
  if (channels == image.channels) return scaled;
  Image result{.width = width, .height = height, .channels = channels, .pixels = {}};
  const size_t count = static_cast<size_t>(width) * static_cast<size_t>(height);
  for (size_t i = 0; i < count; ++i) {
    if (channels == 3) {
      result.pixels.insert(result.pixels.end(), 3, scaled.pixels[i]);
      continue;
    }
    const uint8_t* rgb = &scaled.pixels[i * 3];
    result.pixels.push_back(static_cast<uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000));
  }
  return result;
}

}  // namespace rune
