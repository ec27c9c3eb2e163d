// Recorded input of people: sound, motion and image files, as the numbers that sensors give.
// Used by `rune run` and `hmr emulate`. Every failure names the file, and the line in a CSV.
// Tested by media_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/support/files.h"

namespace rune {

// Any file of libsndfile, mixed to one channel and resampled (libsamplerate, best quality),
// as 16-bit samples. A file whose header promises more sound than it has is refused.
Result<std::vector<int16_t>, Diagnostic> read_sound(const std::string& path, int rate_hz);

// CSV with x, y, z in the first three columns; a first line of names is passed over.
// x, y, z of each sample in turn.
Result<std::vector<float>, Diagnostic> read_motion(const std::string& path);

struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;   // red, green, blue; or 1: grey
  ByteVector pixels;  // rows from the top, channels together
};

// PNG, JPEG and what else stb_image reads, as red, green, blue.
Result<Image, Diagnostic> read_image(const std::string& path);
// Scales to width x height, and to grey (Rec. 601 luma) when channels is 1. Requires sizes of
// at least 1 and channels of 1 or 3.
Image scale_image(const Image& image, int width, int height, int channels);

}  // namespace rune
