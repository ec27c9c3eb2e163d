// Runs a fuzz target without libFuzzer: over each seed file, over every truncation of it,
// and over seeded random mutations. Links with any LLVMFuzzerTestOneInput.
//
//   cbor_fuzz SEED_FOLDER [--rounds N]      prints "N inputs, seed S"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;
constexpr uint32_t kSeed = 20201121;
constexpr size_t kLongestTruncated = 4096;

uint64_t inputs_run = 0;

void run(const Input& input) {
  // A copy of exactly the right size, so that the sanitizer sees a read past the end.
  const Input exact(input);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ++inputs_run;
}

std::vector<Input> read_seeds(const char* folder) {
  std::vector<Input> seeds;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

Input mutate(Input input, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < edits && !input.empty(); ++i) {
    const size_t at = random() % input.size();
    switch (random() % 5) {
      case 0: input[at] = static_cast<uint8_t>(random()); break;
      case 1: input[at] ^= static_cast<uint8_t>(1u << random() % 8); break;
      case 2: input[at] = random() % 2 ? 0xFF : 0x00; break;
      case 3: input.insert(input.begin() + static_cast<ptrdiff_t>(at), static_cast<uint8_t>(random())); break;
      default: input.erase(input.begin() + static_cast<ptrdiff_t>(at)); break;
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Input> seeds;
  int rounds = 2000;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      rounds = std::atoi(argv[++i]);
      continue;
    }
    for (Input& seed : read_seeds(argv[i])) seeds.push_back(std::move(seed));
  }
  run({});
  for (const Input& seed : seeds) {
    run(seed);
    const size_t step = seed.size() / kLongestTruncated + 1;
    for (size_t size = 0; size < seed.size(); size += step) {
      run(Input(seed.begin(), seed.begin() + static_cast<ptrdiff_t>(size)));
    }
  }
  std::mt19937 random(kSeed);
  for (int i = 0; i < rounds; ++i) {
    if (seeds.empty()) {
      Input noise(random() % 256);
      for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
      run(noise);
    } else {
      run(mutate(seeds[random() % seeds.size()], random));
    }
  }
  std::printf("%llu inputs from %zu seeds, random seed %u\n", static_cast<unsigned long long>(inputs_run),
              seeds.size(), kSeed);
  return 0;
}
