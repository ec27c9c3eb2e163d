// Native results equal WebAssembly's bit for bit: wabt's interpreter runs the objects that go into
// runes, this program their native twins, and both hash everything they computed.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

extern "C" uint32_t rune_same_bits(uint32_t seed, void* memory);
extern "C" uint32_t rune_same_bits_bytes();

namespace {

std::string output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  std::array<char, 256> chunk{};
  while (fgets(chunk.data(), chunk.size(), pipe) != nullptr) output += chunk.data();
  pclose(pipe);
  return output;
}

TEST(SameBits, NativelyAndAsWebAssembly) {
  const std::string output = output_of("wasm-interp --run-all-exports " RUNE_SAME_BITS_WASM " 2>&1");
  std::vector<uint64_t> memory(rune_same_bits_bytes() / 8 + 1);
  for (const uint32_t seed : {1U, 2U}) {
    const uint32_t hash = rune_same_bits(seed, memory.data());
    ASSERT_NE(hash, 0U) << "a block refused its input";
    const std::string line =
        "rune_same_bits_" + std::to_string(seed) + "() => i32:" + std::to_string(hash) + "\n";
    EXPECT_NE(output.find(line), std::string::npos) << "native: " << line << "wasm-interp:\n" << output;
  }
}

}  // namespace
